Rows that have no partition any more.
-- before
CREATE TABLE a (id INT NOT NULL PRIMARY KEY, n INT);
CREATE TABLE b (id INT NOT NULL, n INT) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20));
CREATE TABLE c (id INT NOT NULL, n INT);
CREATE TABLE d (id INT NOT NULL, n INT);
CREATE TABLE e (id INT NOT NULL, n INT) PARTITION BY LIST (id) (PARTITION p0 VALUES IN (1, 2), PARTITION p1 VALUES IN (3));
CREATE TABLE f (id INT NOT NULL, n INT);
CREATE TABLE g (id INT NOT NULL, at DATETIME NOT NULL);
-- data
INSERT INTO a VALUES (5, 1), (15, 2);
INSERT INTO b VALUES (5, 1), (15, 2);
INSERT INTO c VALUES (1, NULL), (2, 5);
INSERT INTO d VALUES (1, 1), (2, 9);
INSERT INTO e VALUES (1, 1), (2, 9);
INSERT INTO f VALUES (9, 1), (10, 4);
INSERT INTO g VALUES (1, '2020-01-01'), (2, '2024-01-01');
-- after
CREATE TABLE a (id INT NOT NULL PRIMARY KEY, n INT) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10));
CREATE TABLE b (id INT NOT NULL, n INT) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (15));
CREATE TABLE c (id INT NOT NULL, n INT) PARTITION BY LIST (n) (PARTITION p0 VALUES IN (5, 6));
CREATE TABLE d (id INT NOT NULL, n INT) PARTITION BY RANGE COLUMNS (id, n) (PARTITION p0 VALUES LESS THAN (2, 9));
CREATE TABLE e (id INT NOT NULL, n INT) PARTITION BY LIST (id) (PARTITION p0 VALUES IN (1), PARTITION p1 VALUES IN (3));
CREATE TABLE f (id INT NOT NULL, n INT) PARTITION BY RANGE COLUMNS (id, n) (PARTITION p0 VALUES LESS THAN (9, MAXVALUE));
CREATE TABLE g (id INT NOT NULL, at DATETIME NOT NULL) PARTITION BY RANGE (YEAR(at)) (PARTITION p0 VALUES LESS THAN (2021), PARTITION p1 VALUES LESS THAN (2022));
-- expect mariadb
change_partitions: ALTER TABLE `a` PARTITION BY RANGE (`id`) (PARTITION `p0` VALUES LESS THAN (10))
  reason: table `a`: every row is written again into its partition; fails when a row has none
  found: 1 row of `a` violates the partitions: there is none for them, e.g. `id` 15
change_partitions: ALTER TABLE `b` PARTITION BY RANGE (`id`) (PARTITION `p0` VALUES LESS THAN (10), PARTITION `p1` VALUES LESS THAN (15))
  reason: table `b`: every row is written again into its partition; fails when a row has none
  found: 1 row of `b` violates the partitions: there is none for them
change_partitions: ALTER TABLE `c` PARTITION BY LIST (`n`) (PARTITION `p0` VALUES IN (5,6))
  reason: table `c`: every row is written again into its partition; fails when a row has none
  found: 1 row of `c` violates the partitions: there is none for them
change_partitions: ALTER TABLE `d` PARTITION BY RANGE COLUMNS(`id`,`n`) (PARTITION `p0` VALUES LESS THAN (2,9))
  reason: table `d`: every row is written again into its partition; fails when a row has none
  found: 1 row of `d` violates the partitions: there is none for them
change_partitions: ALTER TABLE `e` PARTITION BY LIST (`id`) (PARTITION `p0` VALUES IN (1), PARTITION `p1` VALUES IN (3))
  reason: table `e`: every row is written again into its partition; fails when a row has none
  found: 1 row of `e` violates the partitions: there is none for them
change_partitions: ALTER TABLE `f` PARTITION BY RANGE COLUMNS(`id`,`n`) (PARTITION `p0` VALUES LESS THAN (9,MAXVALUE))
  reason: table `f`: every row is written again into its partition; fails when a row has none
  found: 1 row of `f` violates the partitions: there is none for them
change_partitions: ALTER TABLE `g` PARTITION BY RANGE (year(`at`)) (PARTITION `p0` VALUES LESS THAN (2021), PARTITION `p1` VALUES LESS THAN (2022))
  reason: table `g`: every row is written again into its partition; fails when a row has none
  found: 1 row of `g` violates the partitions: there is none for them
refused: 1526: ALTER TABLE `a` PARTITION BY RANGE (`id`) (PARTITION `p0` VALUES LESS THAN (10))
refused: 1526: ALTER TABLE `b` PARTITION BY RANGE (`id`) (PARTITION `p0` VALUES LESS THAN (10), PARTITION `p1` VALUES LESS THAN (15))
refused: 1526: ALTER TABLE `c` PARTITION BY LIST (`n`) (PARTITION `p0` VALUES IN (5,6))
refused: 1526: ALTER TABLE `d` PARTITION BY RANGE COLUMNS(`id`,`n`) (PARTITION `p0` VALUES LESS THAN (2,9))
refused: 1526: ALTER TABLE `e` PARTITION BY LIST (`id`) (PARTITION `p0` VALUES IN (1), PARTITION `p1` VALUES IN (3))
refused: 1526: ALTER TABLE `f` PARTITION BY RANGE COLUMNS(`id`,`n`) (PARTITION `p0` VALUES LESS THAN (9,MAXVALUE))
refused: 1526: ALTER TABLE `g` PARTITION BY RANGE (year(`at`)) (PARTITION `p0` VALUES LESS THAN (2021), PARTITION `p1` VALUES LESS THAN (2022))
-- expect mysql
change_partitions: ALTER TABLE `a` PARTITION BY RANGE (`id`) (PARTITION p0 VALUES LESS THAN (10))
  reason: table `a`: every row is written again into its partition; fails when a row has none
  found: 1 row of `a` violates the partitions: there is none for them, e.g. `id` 15
change_partitions: ALTER TABLE `b` PARTITION BY RANGE (`id`) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (15))
  reason: table `b`: every row is written again into its partition; fails when a row has none
  found: 1 row of `b` violates the partitions: there is none for them
change_partitions: ALTER TABLE `c` PARTITION BY LIST (`n`) (PARTITION p0 VALUES IN (5,6))
  reason: table `c`: every row is written again into its partition; fails when a row has none
  found: 1 row of `c` violates the partitions: there is none for them
change_partitions: ALTER TABLE `d` PARTITION BY RANGE COLUMNS(id,n) (PARTITION p0 VALUES LESS THAN (2,9))
  reason: table `d`: every row is written again into its partition; fails when a row has none
  found: 1 row of `d` violates the partitions: there is none for them
change_partitions: ALTER TABLE `e` PARTITION BY LIST (`id`) (PARTITION p0 VALUES IN (1), PARTITION p1 VALUES IN (3))
  reason: table `e`: every row is written again into its partition; fails when a row has none
  found: 1 row of `e` violates the partitions: there is none for them
change_partitions: ALTER TABLE `f` PARTITION BY RANGE COLUMNS(id,n) (PARTITION p0 VALUES LESS THAN (9,MAXVALUE))
  reason: table `f`: every row is written again into its partition; fails when a row has none
  found: 1 row of `f` violates the partitions: there is none for them
change_partitions: ALTER TABLE `g` PARTITION BY RANGE (year(`at`)) (PARTITION p0 VALUES LESS THAN (2021), PARTITION p1 VALUES LESS THAN (2022))
  reason: table `g`: every row is written again into its partition; fails when a row has none
  found: 1 row of `g` violates the partitions: there is none for them
refused: 1526: ALTER TABLE `a` PARTITION BY RANGE (`id`) (PARTITION p0 VALUES LESS THAN (10))
refused: 1526: ALTER TABLE `b` PARTITION BY RANGE (`id`) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (15))
refused: 1526: ALTER TABLE `c` PARTITION BY LIST (`n`) (PARTITION p0 VALUES IN (5,6))
refused: 1526: ALTER TABLE `d` PARTITION BY RANGE COLUMNS(id,n) (PARTITION p0 VALUES LESS THAN (2,9))
refused: 1526: ALTER TABLE `e` PARTITION BY LIST (`id`) (PARTITION p0 VALUES IN (1), PARTITION p1 VALUES IN (3))
refused: 1526: ALTER TABLE `f` PARTITION BY RANGE COLUMNS(id,n) (PARTITION p0 VALUES LESS THAN (9,MAXVALUE))
refused: 1526: ALTER TABLE `g` PARTITION BY RANGE (year(`at`)) (PARTITION p0 VALUES LESS THAN (2021), PARTITION p1 VALUES LESS THAN (2022))
