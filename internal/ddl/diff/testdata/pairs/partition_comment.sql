-- Comments of partitions, and their names
-- before
CREATE TABLE t (id INT) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10) COMMENT = 'it''s old', PARTITION p1 VALUES LESS THAN (20));
-- after
CREATE TABLE t (id INT) PARTITION BY RANGE (id) (PARTITION `p 0` VALUES LESS THAN (10) COMMENT = 'new', PARTITION p1 VALUES LESS THAN (20));
-- expect
change_partitions: ALTER TABLE `t` REORGANIZE PARTITION `p0` INTO (PARTITION `p 0` VALUES LESS THAN (10) COMMENT = 'new')
  reason: table `t`: the rows of the partitions named first are written again
