-- A partition is split
-- before
CREATE TABLE t (id INT) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION pm VALUES LESS THAN MAXVALUE);
-- after
CREATE TABLE t (id INT) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20), PARTITION pm VALUES LESS THAN MAXVALUE);
-- expect mariadb
change_partitions: ALTER TABLE `t` REORGANIZE PARTITION `pm` INTO (PARTITION `p1` VALUES LESS THAN (20), PARTITION `pm` VALUES LESS THAN MAXVALUE)
  reason: table `t`: the rows of the partitions named first are written again
-- expect mysql
change_partitions: ALTER TABLE `t` REORGANIZE PARTITION `pm` INTO (PARTITION p1 VALUES LESS THAN (20), PARTITION pm VALUES LESS THAN MAXVALUE)
  reason: table `t`: the rows of the partitions named first are written again
