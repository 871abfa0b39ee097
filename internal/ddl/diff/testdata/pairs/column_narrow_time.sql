-- Fractions of seconds and times of day go
-- before
CREATE TABLE t (id INT PRIMARY KEY, a DATETIME(6), b DATETIME, c DATETIME);
-- data
INSERT INTO t VALUES (1, '2026-01-01 10:00:00.5', '2026-01-01 10:00:00', '2040-01-01'), (2, '2026-01-01', '2026-01-01', '2026-01-01');
-- after
CREATE TABLE t (id INT PRIMARY KEY, a DATETIME, b DATE, c TIMESTAMP NULL);
-- expect mariadb-10.11
modify_column: ALTER TABLE `t` MODIFY COLUMN `a` datetime DEFAULT NULL, MODIFY COLUMN `b` date DEFAULT NULL, MODIFY COLUMN `c` timestamp NULL DEFAULT NULL
  lost: fractions of seconds of `t`.`a`; times of day of `t`.`b`
  reason: column `t`.`a`: a strict server refuses dates without a month or a day; fractions of seconds are rounded without a word; column `t`.`b`: a strict server refuses dates without a month or a day; DATE keeps no time of day; column `t`.`c`: a strict server refuses dates without a month or a day; a strict server refuses values outside 1970-01-01 00:00:01 to 2038-01-19 03:14:07 UTC
  found: 1 row of `t` violates the new type of `a`: more than 0 digits of a second, e.g. `id` 1
  found: 1 row of `t` violates the new type of `b`: a time of day, e.g. `id` 1
  found: 1 row of `t` violates the new type of `c`: outside 1970-01-01 00:00:01 to 2038-01-19 03:14:07 UTC, e.g. `id` 1
refused: 1292: ALTER TABLE `t` MODIFY COLUMN `a` datetime DEFAULT NULL, MODIFY COLUMN `b` date DEFAULT NULL, MODIFY COLUMN `c` timestamp NULL DEFAULT NULL
-- expect mariadb-11.8
modify_column: ALTER TABLE `t` MODIFY COLUMN `a` datetime DEFAULT NULL, MODIFY COLUMN `b` date DEFAULT NULL, MODIFY COLUMN `c` timestamp NULL DEFAULT NULL
  lost: fractions of seconds of `t`.`a`; times of day of `t`.`b`
  reason: column `t`.`a`: a strict server refuses dates without a month or a day; fractions of seconds are rounded without a word; column `t`.`b`: a strict server refuses dates without a month or a day; DATE keeps no time of day; column `t`.`c`: a strict server refuses dates without a month or a day; a strict server refuses values outside 1970-01-01 00:00:01 to 2106-02-07 06:28:15 UTC
  found: 1 row of `t` violates the new type of `a`: more than 0 digits of a second, e.g. `id` 1
  found: 1 row of `t` violates the new type of `b`: a time of day, e.g. `id` 1
-- expect mysql-9.7
modify_column: ALTER TABLE `t` MODIFY COLUMN `a` datetime DEFAULT NULL, MODIFY COLUMN `b` date DEFAULT NULL, MODIFY COLUMN `c` timestamp NULL DEFAULT NULL
  lost: fractions of seconds of `t`.`a`; times of day of `t`.`b`
  reason: column `t`.`a`: a strict server refuses dates without a month or a day; a strict server refuses values outside what datetime can hold once rounded; fractions of seconds are rounded without a word; column `t`.`b`: a strict server refuses dates without a month or a day; DATE keeps no time of day; column `t`.`c`: a strict server refuses dates without a month or a day; a strict server refuses values outside 1970-01-01 00:00:01 to 2038-01-19 03:14:07 UTC
  found: 1 row of `t` violates the new type of `a`: more than 0 digits of a second, e.g. `id` 1
  found: 1 row of `t` violates the new type of `b`: a time of day, e.g. `id` 1
  found: 1 row of `t` violates the new type of `c`: outside 1970-01-01 00:00:01 to 2038-01-19 03:14:07 UTC, e.g. `id` 1
refused: 1292: ALTER TABLE `t` MODIFY COLUMN `a` datetime DEFAULT NULL, MODIFY COLUMN `b` date DEFAULT NULL, MODIFY COLUMN `c` timestamp NULL DEFAULT NULL
