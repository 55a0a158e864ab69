-- What came over from the site that Caravel takes the place of, under which number. As V1: each statement may run again.
create table if not exists import_ids (
  kind varchar(8) not null,               -- images | faces | joined (a face that was one with another) | queues | trashed
  old_id bigint not null,                 -- its id there
  new_id bigint not null,                 -- of the photo or the face; no foreign key: what was deleted here does not come over again
  primary key (kind, old_id),
  index import_ids_new (kind, new_id)
) default charset = utf8mb4;
