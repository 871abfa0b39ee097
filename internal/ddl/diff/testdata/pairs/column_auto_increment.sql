-- A column begins and ceases to count
-- before
CREATE TABLE t (id INT NOT NULL PRIMARY KEY, a INT);
CREATE TABLE u (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, a INT);
-- after
CREATE TABLE t (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, a INT);
CREATE TABLE u (id INT NOT NULL PRIMARY KEY, a INT);
-- expect mariadb
modify_column: ALTER TABLE `t` MODIFY COLUMN `id` int(11) NOT NULL AUTO_INCREMENT
modify_column: ALTER TABLE `u` MODIFY COLUMN `id` int(11) NOT NULL
-- expect mysql
modify_column: ALTER TABLE `t` MODIFY COLUMN `id` int NOT NULL AUTO_INCREMENT
modify_column: ALTER TABLE `u` MODIFY COLUMN `id` int NOT NULL
