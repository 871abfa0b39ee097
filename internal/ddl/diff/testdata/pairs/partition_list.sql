-- Values of list partitions
-- before
CREATE TABLE t (c VARCHAR(2) NOT NULL, n INT) PARTITION BY LIST COLUMNS (c) (PARTITION eu VALUES IN ('de', 'fr'), PARTITION am VALUES IN ('us'));
-- after
CREATE TABLE t (c VARCHAR(2) NOT NULL, n INT) PARTITION BY LIST COLUMNS (c) (PARTITION eu VALUES IN ('de', 'fr', 'it'), PARTITION am VALUES IN ('us', 'ca'), PARTITION af VALUES IN ('ke'));
-- expect mariadb
change_partitions: ALTER TABLE `t` PARTITION BY LIST COLUMNS(`c`) (PARTITION `eu` VALUES IN ('de','fr','it'), PARTITION `am` VALUES IN ('us','ca'), PARTITION `af` VALUES IN ('ke'))
  reason: table `t`: every row is written again into its partition; fails when a row has none
-- expect mysql
change_partitions: ALTER TABLE `t` PARTITION BY LIST COLUMNS(c) (PARTITION eu VALUES IN ('de','fr','it'), PARTITION am VALUES IN ('us','ca'), PARTITION af VALUES IN ('ke'))
  reason: table `t`: every row is written again into its partition; fails when a row has none
