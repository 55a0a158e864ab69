-- Faces replaced by a later search, or gone with their photo: every node has heard of it after an hour, and no row beside it would bring it back.
delete from faces where deleted_at < :#${variable.anHourAgo} and known_deleted
  and id not in (select parent_id from (select parent_id from faces where parent_id is not null) parents)
  and id not in (select id from face_rows)
