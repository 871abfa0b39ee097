-- A text becomes a number
-- before
CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20), w VARCHAR(20));
-- data
INSERT INTO t VALUES (1, '12x', '1'), (2, '12', '2');
-- after
CREATE TABLE t (id INT PRIMARY KEY, v INT, w DECIMAL(5, 2));
-- expect mariadb
modify_column: ALTER TABLE `t` MODIFY COLUMN `v` int(11) DEFAULT NULL, MODIFY COLUMN `w` decimal(5,2) DEFAULT NULL
  lost: the spelling of numbers of `t`.`v`; values that are no decimal(5,2) of `t`.`w`; the spelling of numbers of `t`.`w`
  reason: column `t`.`v`: values are converted from varchar(20) to int(11); a strict server refuses values outside -2147483648 to 2147483647; a number is kept, not how it was written; column `t`.`w`: values are converted from varchar(20) to decimal(5,2); a strict server refuses values outside decimal(5,2); values are converted from varchar(20) to decimal(5,2), or refused; a number is kept, not how it was written
  found: 1 row of `t` violates the new type of `v`: no int(11), e.g. `id` 1
  found: 1 row of `t` violates the new type of `v`: another spelling than that of int(11), e.g. `id` 1
refused: 1292: ALTER TABLE `t` MODIFY COLUMN `v` int(11) DEFAULT NULL, MODIFY COLUMN `w` decimal(5,2) DEFAULT NULL
-- expect mysql
modify_column: ALTER TABLE `t` MODIFY COLUMN `v` int DEFAULT NULL, MODIFY COLUMN `w` decimal(5,2) DEFAULT NULL
  lost: the spelling of numbers of `t`.`v`; digits behind the point beyond 2 of `t`.`w`; the spelling of numbers of `t`.`w`
  reason: column `t`.`v`: values are converted from varchar(20) to int; a strict server refuses values outside -2147483648 to 2147483647; a number is kept, not how it was written; column `t`.`w`: values are converted from varchar(20) to decimal(5,2); a strict server refuses values outside decimal(5,2); values are rounded without a word; a number is kept, not how it was written
  found: 1 row of `t` violates the new type of `v`: no int, e.g. `id` 1
  found: 1 row of `t` violates the new type of `v`: another spelling than that of int, e.g. `id` 1
refused: 1265: ALTER TABLE `t` MODIFY COLUMN `v` int DEFAULT NULL, MODIFY COLUMN `w` decimal(5,2) DEFAULT NULL
