-- The oldest partition goes and others come: its rows move up, none is lost
-- before
CREATE TABLE t (id INT) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20));
-- data
INSERT INTO t VALUES (5), (15);
-- after
CREATE TABLE t (id INT) PARTITION BY RANGE (id) (PARTITION p1 VALUES LESS THAN (20), PARTITION p2 VALUES LESS THAN (30), PARTITION p3 VALUES LESS THAN (40));
-- expect mariadb
change_partitions: ALTER TABLE `t` PARTITION BY RANGE (`id`) (PARTITION `p1` VALUES LESS THAN (20), PARTITION `p2` VALUES LESS THAN (30), PARTITION `p3` VALUES LESS THAN (40))
  reason: table `t`: every row is written again into its partition; fails when a row has none
-- expect mysql
change_partitions: ALTER TABLE `t` PARTITION BY RANGE (`id`) (PARTITION p1 VALUES LESS THAN (20), PARTITION p2 VALUES LESS THAN (30), PARTITION p3 VALUES LESS THAN (40))
  reason: table `t`: every row is written again into its partition; fails when a row has none
