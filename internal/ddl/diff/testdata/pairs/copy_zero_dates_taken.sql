A table with a zero date as default is changed under a mode that takes them.
-- before
SET sql_mode = 'STRICT_TRANS_TABLES';
CREATE TABLE t (id INT NOT NULL PRIMARY KEY, d DATE NOT NULL DEFAULT '0000-00-00', at DATETIME NULL, v VARCHAR(10));
SET sql_mode = 'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION';
-- data
SET sql_mode = 'STRICT_TRANS_TABLES';
INSERT INTO t VALUES (1, '0000-00-00', '2020-00-10 00:00:00', '1');
SET sql_mode = 'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION';
-- after
SET sql_mode = 'STRICT_TRANS_TABLES';
CREATE TABLE t (id INT NOT NULL PRIMARY KEY, d DATE NOT NULL DEFAULT '0000-00-00', at DATETIME NULL, v INT);
SET sql_mode = 'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION';
-- expect mariadb
modify_column: ALTER TABLE `t` MODIFY COLUMN `v` int(11) DEFAULT NULL
  lost: the spelling of numbers of `t`.`v`
  reason: column `t`.`v`: values are converted from varchar(10) to int(11); a strict server refuses values outside -2147483648 to 2147483647; a number is kept, not how it was written
-- expect mysql
modify_column: ALTER TABLE `t` MODIFY COLUMN `v` int DEFAULT NULL
  lost: the spelling of numbers of `t`.`v`
  reason: column `t`.`v`: values are converted from varchar(10) to int; a strict server refuses values outside -2147483648 to 2147483647; a number is kept, not how it was written
