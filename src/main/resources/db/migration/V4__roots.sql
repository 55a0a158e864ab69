-- Which storage roots this database knows: each bears a mark with the database's number, so that an empty folder in place of
-- a disk that is not mounted, or another library's disk, is not taken for it.

create table if not exists database_number (
  id int not null primary key,
  number char(36) not null                -- random, made at the first start; a copy of the database keeps it
) default charset = utf8mb4;

create table if not exists storage_roots (
  name varchar(64) not null primary key,  -- of CARAVEL_DISKS, or CARAVEL_HOME
  witness varchar(1024) null,             -- an original below it, where no mark could be written
  known_at datetime(3) not null default current_timestamp(3)
) default charset = utf8mb4;
