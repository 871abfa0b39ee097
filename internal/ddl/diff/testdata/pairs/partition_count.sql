-- Another number of partitions, with a part inside each
-- before
CREATE TABLE t (id INT PRIMARY KEY) PARTITION BY KEY (id) PARTITIONS 2;
CREATE TABLE u (id INT, d DATE) PARTITION BY RANGE (YEAR(d)) SUBPARTITION BY HASH (id) SUBPARTITIONS 2 (PARTITION a VALUES LESS THAN (2020), PARTITION b VALUES LESS THAN MAXVALUE);
-- after
CREATE TABLE t (id INT PRIMARY KEY) PARTITION BY KEY (id) PARTITIONS 4;
CREATE TABLE u (id INT, d DATE) PARTITION BY RANGE (YEAR(d)) SUBPARTITION BY HASH (id) SUBPARTITIONS 3 (PARTITION a VALUES LESS THAN (2021), PARTITION b VALUES LESS THAN MAXVALUE);
-- expect mariadb
change_partitions: ALTER TABLE `t` PARTITION BY KEY (`id`) PARTITIONS 4
  reason: table `t`: every row is written again into its partition; fails when a row has none
change_partitions: ALTER TABLE `u` PARTITION BY RANGE (year(`d`)) SUBPARTITION BY HASH (`id`) SUBPARTITIONS 3 (PARTITION `a` VALUES LESS THAN (2021), PARTITION `b` VALUES LESS THAN MAXVALUE)
  reason: table `u`: every row is written again into its partition; fails when a row has none
-- expect mysql
change_partitions: ALTER TABLE `t` PARTITION BY KEY (id) PARTITIONS 4
  reason: table `t`: every row is written again into its partition; fails when a row has none
change_partitions: ALTER TABLE `u` PARTITION BY RANGE (year(`d`)) SUBPARTITION BY HASH (`id`) SUBPARTITIONS 3 (PARTITION a VALUES LESS THAN (2021), PARTITION b VALUES LESS THAN MAXVALUE)
  reason: table `u`: every row is written again into its partition; fails when a row has none
