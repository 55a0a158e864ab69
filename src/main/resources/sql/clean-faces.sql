-- Faces replaced by a later search, or gone with their photo: every node has heard of it by now.
delete from faces where deleted_at < timestampadd(hour, -1, current_timestamp(3))
  and id not in (select parent_id from (select parent_id from faces where parent_id is not null) parents)
