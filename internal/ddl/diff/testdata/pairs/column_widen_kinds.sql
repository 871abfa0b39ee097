-- Wider bits, the text of a set, whole decimals as integers, small integers as floats
-- before
CREATE TABLE t (id INT PRIMARY KEY, a BIT(3), b SET('x', 'y'), c DECIMAL(3, 0), d SMALLINT, e VARCHAR(9) CHARACTER SET latin1);
-- data
INSERT INTO t VALUES (1, b'101', 'x,y', -999, 32767, 'é');
-- after
CREATE TABLE t (id INT PRIMARY KEY, a BIT(8), b VARCHAR(3), c SMALLINT, d FLOAT, e VARCHAR(9) CHARACTER SET utf8mb3);
-- expect mariadb-10.11
modify_column: ALTER TABLE `t` MODIFY COLUMN `a` bit(8) DEFAULT NULL, MODIFY COLUMN `b` varchar(3) DEFAULT NULL, MODIFY COLUMN `c` smallint(6) DEFAULT NULL, MODIFY COLUMN `d` float DEFAULT NULL, MODIFY COLUMN `e` varchar(9) CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci DEFAULT NULL
  reason: column `t`.`e`: its collation changes from latin1_swedish_ci to utf8mb3_general_ci
-- expect mariadb-11.8
modify_column: ALTER TABLE `t` MODIFY COLUMN `a` bit(8) DEFAULT NULL, MODIFY COLUMN `b` varchar(3) DEFAULT NULL, MODIFY COLUMN `c` smallint(6) DEFAULT NULL, MODIFY COLUMN `d` float DEFAULT NULL, MODIFY COLUMN `e` varchar(9) CHARACTER SET utf8mb3 COLLATE utf8mb3_uca1400_ai_ci DEFAULT NULL
  reason: column `t`.`e`: its collation changes from latin1_swedish_ci to utf8mb3_uca1400_ai_ci
-- expect mysql-9.7
modify_column: ALTER TABLE `t` MODIFY COLUMN `a` bit(8) DEFAULT NULL, MODIFY COLUMN `b` varchar(3) COLLATE utf8mb4_unicode_ci DEFAULT NULL, MODIFY COLUMN `c` smallint DEFAULT NULL, MODIFY COLUMN `d` float DEFAULT NULL, MODIFY COLUMN `e` varchar(9) CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci DEFAULT NULL
  reason: column `t`.`e`: its collation changes from latin1_swedish_ci to utf8mb3_general_ci
