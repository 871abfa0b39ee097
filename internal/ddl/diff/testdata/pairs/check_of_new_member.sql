-- A check asks a new member for the number of its place
-- before
CREATE TABLE a (id INT PRIMARY KEY, n INT);
CREATE TABLE b (id INT PRIMARY KEY, n INT);
-- data
INSERT INTO a VALUES (1, 1);
INSERT INTO b VALUES (1, 1);
-- after
CREATE TABLE a (id INT PRIMARY KEY, n INT, flags SET('x','y') NOT NULL, CONSTRAINT af CHECK ((flags & 1) = 0));
CREATE TABLE b (id INT PRIMARY KEY, n INT, v ENUM('x','y') NOT NULL, CONSTRAINT bv CHECK (v + 0 = 1));
-- expect mariadb
alter_table: ALTER TABLE `a` ADD COLUMN `flags` set('x','y') NOT NULL, ADD CONSTRAINT `af` CHECK (`flags` & 1 = 0)
  reason: column `a`.`flags`: it is NOT NULL without a default: rows that exist get the implicit value of its type; check `a`.`af`: fails while a row violates it
alter_table: ALTER TABLE `b` ADD COLUMN `v` enum('x','y') NOT NULL, ADD CONSTRAINT `bv` CHECK (`v` + 0 = 1)
  reason: column `b`.`v`: it is NOT NULL without a default: rows that exist get the implicit value of its type; check `b`.`bv`: fails while a row violates it
-- expect mysql
alter_table: ALTER TABLE `a` ADD COLUMN `flags` set('x','y') COLLATE utf8mb4_unicode_ci NOT NULL, ADD CONSTRAINT `af` CHECK (((`flags` & 1) = 0))
  reason: column `a`.`flags`: it is NOT NULL without a default: rows that exist get the implicit value of its type; check `a`.`af`: fails while a row violates it
alter_table: ALTER TABLE `b` ADD COLUMN `v` enum('x','y') COLLATE utf8mb4_unicode_ci NOT NULL, ADD CONSTRAINT `bv` CHECK (((`v` + 0) = 1))
  reason: column `b`.`v`: it is NOT NULL without a default: rows that exist get the implicit value of its type; check `b`.`bv`: fails while a row violates it
