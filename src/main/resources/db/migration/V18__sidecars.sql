-- What lies beside photos and belongs to them: XMP, Google Takeout's JSON, Apple's AAE. As V1: each statement may run again.

-- Under which names photos came in, and from which folders: the names by which a sidecar finds its photo.
create table if not exists arrivals (
  id bigint not null auto_increment primary key,
  image_id bigint not null,
  folder char(64) not null,               -- SHA-256 of the folder's name
  stem varchar(160) not null,             -- of the name: as io.caravel.photo.SidecarName has it
  short_stem varchar(160) not null,       -- its beginning, where Takeout cuts names
  filename varchar(1000) not null,
  arrived_at datetime(3) not null default current_timestamp(3),
  unique (image_id, folder, stem),
  index arrivals_stem (folder, stem),
  index arrivals_short_stem (folder, short_stem),
  constraint arrivals_image foreign key (image_id) references images (id) on delete cascade
) default charset = utf8mb4;

create table if not exists sidecars (
  id bigint not null auto_increment primary key,
  kind varchar(8) not null,               -- xmp | takeout | aae
  folder char(64) not null,
  stem varchar(160) not null,             -- a short one where the name is cut
  filename varchar(1000) not null,
  sha256 char(64) not null,
  source_disk varchar(64) not null,
  source_path varchar(255) not null,
  source_filename varchar(255) not null,
  bytes bigint not null,
  arrived_at datetime(3) not null default current_timestamp(3),
  unique (folder, sha256, stem),
  index sidecars_stem (folder, stem),
  index sidecars_sha256 (sha256)
) default charset = utf8mb4;

create table if not exists image_sidecars (
  image_id bigint not null,
  sidecar_id bigint not null,
  primary key (image_id, sidecar_id),
  index image_sidecars_sidecar (sidecar_id),
  constraint image_sidecars_image foreign key (image_id) references images (id) on delete cascade,
  constraint image_sidecars_sidecar foreign key (sidecar_id) references sidecars (id) on delete cascade
) default charset = utf8mb4;
