-- The primary key and the partitions change together
-- before
CREATE TABLE t (id INT NOT NULL, d DATE NOT NULL, PRIMARY KEY (id, d)) PARTITION BY RANGE (YEAR(d)) (PARTITION a VALUES LESS THAN (2020), PARTITION b VALUES LESS THAN MAXVALUE);
-- after
CREATE TABLE t (id INT NOT NULL, PRIMARY KEY (id)) PARTITION BY HASH (id) PARTITIONS 3;
-- expect
alter_table: ALTER TABLE `t` DROP PRIMARY KEY, ADD PRIMARY KEY (`id`) PARTITION BY HASH (`id`) PARTITIONS 3
  reason: primary key of `t`: fails while two rows hold the same values; table `t`: every row is written again into its partition; fails when a row has none
drop_column: ALTER TABLE `t` DROP COLUMN `d`
  lost: column `t`.`d` with its values
