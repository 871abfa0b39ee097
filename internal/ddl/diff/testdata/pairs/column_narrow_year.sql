-- Numbers that are no year
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT, b TINYINT UNSIGNED);
-- data
INSERT INTO t VALUES (1, 1900, 99), (2, 0, 100);
-- after
CREATE TABLE t (id INT PRIMARY KEY, a YEAR, b YEAR);
-- expect mariadb
modify_column: ALTER TABLE `t` MODIFY COLUMN `a` year(4) DEFAULT NULL, MODIFY COLUMN `b` year(4) DEFAULT NULL
  lost: years of two digits of `t`.`a`; years of two digits of `t`.`b`
  reason: column `t`.`a`: a strict server refuses values outside 0 to 99 and 1901 to 2155; values from 1 to 99 become years from 1970 to 2069; column `t`.`b`: a strict server refuses values outside 0 to 99 and 1901 to 2155; values from 1 to 99 become years from 1970 to 2069
  found: 1 row of `t` violates the new type of `a`: outside 0 to 99 and 1901 to 2155, e.g. `id` 1
  found: 1 row of `t` violates the new type of `b`: outside 0 to 99 and 1901 to 2155, e.g. `id` 2
  found: 1 row of `t` violates the new type of `b`: a year of two digits, e.g. `id` 1
refused: 1264: ALTER TABLE `t` MODIFY COLUMN `a` year(4) DEFAULT NULL, MODIFY COLUMN `b` year(4) DEFAULT NULL
-- expect mysql
modify_column: ALTER TABLE `t` MODIFY COLUMN `a` year DEFAULT NULL, MODIFY COLUMN `b` year DEFAULT NULL
  lost: years of two digits of `t`.`a`; years of two digits of `t`.`b`
  reason: column `t`.`a`: a strict server refuses values outside 0 to 99 and 1901 to 2155; values from 1 to 99 become years from 1970 to 2069; column `t`.`b`: a strict server refuses values outside 0 to 99 and 1901 to 2155; values from 1 to 99 become years from 1970 to 2069
  found: 1 row of `t` violates the new type of `a`: outside 0 to 99 and 1901 to 2155, e.g. `id` 1
  found: 1 row of `t` violates the new type of `b`: outside 0 to 99 and 1901 to 2155, e.g. `id` 2
  found: 1 row of `t` violates the new type of `b`: a year of two digits, e.g. `id` 1
refused: 1264: ALTER TABLE `t` MODIFY COLUMN `a` year DEFAULT NULL, MODIFY COLUMN `b` year DEFAULT NULL
