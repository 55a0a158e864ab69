-- Faces replaced by a later search, or gone with their photo: every node has heard of it by now. No face has them as parent.
delete from faces where deleted_at < timestampadd(hour, -1, current_timestamp(3))
