-- The time that Caravel has lived through, over all nodes and starts, measured by clocks that are never set; and what the
-- database's clock showed meanwhile. A row every five minutes, at each start and wherever that clock jumped. As V1: each
-- statement may run again.
create table if not exists lived_time (
  id bigint not null auto_increment primary key,
  minutes bigint not null,                -- lived through so far
  shown_at datetime(3) not null,          -- what the database's clock showed then
  index lived_time_minutes (minutes)
) default charset = utf8mb4;
