-- A table gets partitions and a column
-- before
CREATE TABLE t (id INT);
-- after
CREATE TABLE t (id INT, x INT) PARTITION BY HASH (id) PARTITIONS 4;
-- expect mariadb
alter_table: ALTER TABLE `t` ADD COLUMN `x` int(11) DEFAULT NULL PARTITION BY HASH (`id`) PARTITIONS 4
  reason: table `t`: every row is written again into its partition; fails when a row has none
-- expect mysql
alter_table: ALTER TABLE `t` ADD COLUMN `x` int DEFAULT NULL PARTITION BY HASH (`id`) PARTITIONS 4
  reason: table `t`: every row is written again into its partition; fails when a row has none
