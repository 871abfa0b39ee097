Unique keys over values that change, that are computed, and that are cut.
-- before
CREATE TABLE t (id INT NOT NULL PRIMARY KEY, n DECIMAL(5,1), UNIQUE KEY k (n));
CREATE TABLE u (id INT NOT NULL PRIMARY KEY, email VARCHAR(50));
CREATE TABLE w (id INT NOT NULL PRIMARY KEY, at DATETIME, UNIQUE KEY k (at));
CREATE TABLE x (id INT NOT NULL PRIMARY KEY, n INT);
-- data
INSERT INTO t VALUES (1, 1.1), (2, 1.2);
INSERT INTO u VALUES (1, 'A@x'), (2, 'a@x');
INSERT INTO w VALUES (1, '2020-01-01 10:00:00'), (2, '2020-01-01 11:00:00');
INSERT INTO x VALUES (1, 10), (2, 11);
-- after
CREATE TABLE t (id INT NOT NULL PRIMARY KEY, n INT, UNIQUE KEY k (n));
CREATE TABLE u (id INT NOT NULL PRIMARY KEY, email VARCHAR(50), low VARCHAR(50) GENERATED ALWAYS AS (LOWER(email)) STORED, UNIQUE KEY k (low));
CREATE TABLE w (id INT NOT NULL PRIMARY KEY, at DATE, UNIQUE KEY k (at));
CREATE TABLE x (id INT NOT NULL PRIMARY KEY, n INT, half INT GENERATED ALWAYS AS (n DIV 2) VIRTUAL, UNIQUE KEY k (half));
-- expect mariadb
alter_table: ALTER TABLE `u` ADD COLUMN `low` varchar(50) GENERATED ALWAYS AS (lcase(`email`)) STORED, ADD UNIQUE KEY `k` (`low`)
  reason: index `u`.`k`: fails while two rows hold the same values
  found: 2 rows of `u` violate unique key `k`, e.g. `low` a@x
alter_table: ALTER TABLE `x` ADD COLUMN `half` int(11) GENERATED ALWAYS AS (`n` DIV 2) VIRTUAL, ADD UNIQUE KEY `k` (`half`)
  reason: index `x`.`k`: fails while two rows hold the same values
  found: 2 rows of `x` violate unique key `k`, e.g. `half` 5
modify_column: ALTER TABLE `t` MODIFY COLUMN `n` int(11) DEFAULT NULL
  lost: digits behind the point beyond 0 of `t`.`n`
  reason: column `t`.`n`: values are rounded without a word
  found: 2 rows of `t` violate the new type of `n`: more than 0 digits behind the point, e.g. `id` 1
  found: 2 rows of `t` violate unique key `k` once their values have changed, e.g. `n` 1
modify_column: ALTER TABLE `w` MODIFY COLUMN `at` date DEFAULT NULL
  lost: times of day of `w`.`at`
  reason: column `w`.`at`: a strict server refuses dates without a month or a day; DATE keeps no time of day
  found: 2 rows of `w` violate the new type of `at`: a time of day, e.g. `id` 1
  found: 2 rows of `w` violate unique key `k` once their values have changed, e.g. `at` 2020-01-01
refused: 1062: ALTER TABLE `u` ADD COLUMN `low` varchar(50) GENERATED ALWAYS AS (lcase(`email`)) STORED, ADD UNIQUE KEY `k` (`low`)
refused: 1062: ALTER TABLE `x` ADD COLUMN `half` int(11) GENERATED ALWAYS AS (`n` DIV 2) VIRTUAL, ADD UNIQUE KEY `k` (`half`)
refused: 1062: ALTER TABLE `t` MODIFY COLUMN `n` int(11) DEFAULT NULL
refused: 1062: ALTER TABLE `w` MODIFY COLUMN `at` date DEFAULT NULL
-- expect mysql
alter_table: ALTER TABLE `u` ADD COLUMN `low` varchar(50) COLLATE utf8mb4_unicode_ci GENERATED ALWAYS AS (lower(`email`)) STORED, ADD UNIQUE KEY `k` (`low`)
  reason: index `u`.`k`: fails while two rows hold the same values
  found: 2 rows of `u` violate unique key `k`, e.g. `low` a@x
alter_table: ALTER TABLE `x` ADD COLUMN `half` int GENERATED ALWAYS AS ((`n` DIV 2)) VIRTUAL, ADD UNIQUE KEY `k` (`half`)
  reason: index `x`.`k`: fails while two rows hold the same values
  found: 2 rows of `x` violate unique key `k`, e.g. `half` 5
modify_column: ALTER TABLE `t` MODIFY COLUMN `n` int DEFAULT NULL
  lost: digits behind the point beyond 0 of `t`.`n`
  reason: column `t`.`n`: values are rounded without a word
  found: 2 rows of `t` violate the new type of `n`: more than 0 digits behind the point, e.g. `id` 1
  found: 2 rows of `t` violate unique key `k` once their values have changed, e.g. `n` 1
modify_column: ALTER TABLE `w` MODIFY COLUMN `at` date DEFAULT NULL
  lost: times of day of `w`.`at`
  reason: column `w`.`at`: a strict server refuses dates without a month or a day; DATE keeps no time of day
  found: 2 rows of `w` violate the new type of `at`: a time of day, e.g. `id` 1
  found: 2 rows of `w` violate unique key `k` once their values have changed, e.g. `at` 2020-01-01
refused: 1062: ALTER TABLE `u` ADD COLUMN `low` varchar(50) COLLATE utf8mb4_unicode_ci GENERATED ALWAYS AS (lower(`email`)) STORED, ADD UNIQUE KEY `k` (`low`)
refused: 1062: ALTER TABLE `x` ADD COLUMN `half` int GENERATED ALWAYS AS ((`n` DIV 2)) VIRTUAL, ADD UNIQUE KEY `k` (`half`)
refused: 1062: ALTER TABLE `t` MODIFY COLUMN `n` int DEFAULT NULL
refused: 1062: ALTER TABLE `w` MODIFY COLUMN `at` date DEFAULT NULL
