-- A table has partitions no longer
-- before
CREATE TABLE t (id INT) PARTITION BY HASH (id) PARTITIONS 4;
-- after
CREATE TABLE t (id INT);
-- expect
change_partitions: ALTER TABLE `t` REMOVE PARTITIONING
  reason: table `t`: every row is written again into its partition
