-- A column NOT NULL without a default takes the implicit value
-- before
CREATE TABLE t (id INT PRIMARY KEY);
-- data
INSERT INTO t VALUES (1), (2);
-- after
CREATE TABLE t (id INT PRIMARY KEY, n INT NOT NULL, s VARCHAR(5) NOT NULL);
-- expect mariadb
add_column: ALTER TABLE `t` ADD COLUMN `n` int(11) NOT NULL, ADD COLUMN `s` varchar(5) NOT NULL
  reason: column `t`.`n`: it is NOT NULL without a default: rows that exist get the implicit value of its type; column `t`.`s`: it is NOT NULL without a default: rows that exist get the implicit value of its type
-- expect mysql
add_column: ALTER TABLE `t` ADD COLUMN `n` int NOT NULL, ADD COLUMN `s` varchar(5) COLLATE utf8mb4_unicode_ci NOT NULL
  reason: column `t`.`n`: it is NOT NULL without a default: rows that exist get the implicit value of its type; column `t`.`s`: it is NOT NULL without a default: rows that exist get the implicit value of its type
