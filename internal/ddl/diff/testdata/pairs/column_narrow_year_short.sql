-- Years of two digits become others
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT);
-- data
INSERT INTO t VALUES (1, 0), (2, 1), (3, 99), (4, 1901), (5, 2155);
-- after
CREATE TABLE t (id INT PRIMARY KEY, a YEAR);
-- expect mariadb
modify_column: ALTER TABLE `t` MODIFY COLUMN `a` year(4) DEFAULT NULL
  lost: years of two digits of `t`.`a`
  reason: column `t`.`a`: a strict server refuses values outside 0 to 99 and 1901 to 2155; values from 1 to 99 become years from 1970 to 2069
  found: 2 rows of `t` violate the new type of `a`: a year of two digits, e.g. `id` 2
-- expect mysql
modify_column: ALTER TABLE `t` MODIFY COLUMN `a` year DEFAULT NULL
  lost: years of two digits of `t`.`a`
  reason: column `t`.`a`: a strict server refuses values outside 0 to 99 and 1901 to 2155; values from 1 to 99 become years from 1970 to 2069
  found: 2 rows of `t` violate the new type of `a`: a year of two digits, e.g. `id` 2
