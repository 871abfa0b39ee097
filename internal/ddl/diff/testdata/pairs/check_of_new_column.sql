-- A check looks at a new column, for which rows get the value of its type
-- before
CREATE TABLE a (id INT PRIMARY KEY, n INT);
CREATE TABLE b (id INT PRIMARY KEY, n INT);
CREATE TABLE c (id INT PRIMARY KEY, n INT);
-- data
INSERT INTO a VALUES (1, 1);
INSERT INTO b VALUES (1, 1);
INSERT INTO c VALUES (1, 1);
-- after
CREATE TABLE a (id INT PRIMARY KEY, n INT, v INT NOT NULL, CONSTRAINT av CHECK (v > 0 OR n > 5));
CREATE TABLE b (id INT PRIMARY KEY, n INT, v ENUM('x','y') NOT NULL, CONSTRAINT bv CHECK (v <> 'x'));
CREATE TABLE c (id INT PRIMARY KEY, n INT, v ENUM('x','y') NOT NULL, w SET('x','y') NOT NULL, t TIME NOT NULL, CONSTRAINT cv CHECK (v = 'x' AND w = '' AND t < '00:00:01'));
-- expect mariadb
alter_table: ALTER TABLE `a` ADD COLUMN `v` int(11) NOT NULL, ADD CONSTRAINT `av` CHECK (`v` > 0 or `n` > 5)
  reason: column `a`.`v`: it is NOT NULL without a default: rows that exist get the implicit value of its type; check `a`.`av`: fails while a row violates it
  found: 1 row of `a` violates check `av`, e.g. `id` 1
alter_table: ALTER TABLE `b` ADD COLUMN `v` enum('x','y') NOT NULL, ADD CONSTRAINT `bv` CHECK (`v` <> 'x')
  reason: column `b`.`v`: it is NOT NULL without a default: rows that exist get the implicit value of its type; check `b`.`bv`: fails while a row violates it
  found: 1 row of `b` violates check `bv`, e.g. `id` 1
alter_table: ALTER TABLE `c` ADD COLUMN `v` enum('x','y') NOT NULL, ADD COLUMN `w` set('x','y') NOT NULL, ADD COLUMN `t` time NOT NULL, ADD CONSTRAINT `cv` CHECK (`v` = 'x' and `w` = '' and `t` < '00:00:01')
  reason: column `c`.`v`: it is NOT NULL without a default: rows that exist get the implicit value of its type; column `c`.`w`: it is NOT NULL without a default: rows that exist get the implicit value of its type; column `c`.`t`: it is NOT NULL without a default: rows that exist get the implicit value of its type; check `c`.`cv`: fails while a row violates it
refused: 4025: ALTER TABLE `a` ADD COLUMN `v` int(11) NOT NULL, ADD CONSTRAINT `av` CHECK (`v` > 0 or `n` > 5)
refused: 4025: ALTER TABLE `b` ADD COLUMN `v` enum('x','y') NOT NULL, ADD CONSTRAINT `bv` CHECK (`v` <> 'x')
-- expect mysql
alter_table: ALTER TABLE `a` ADD COLUMN `v` int NOT NULL, ADD CONSTRAINT `av` CHECK (((`v` > 0) or (`n` > 5)))
  reason: column `a`.`v`: it is NOT NULL without a default: rows that exist get the implicit value of its type; check `a`.`av`: fails while a row violates it
  found: 1 row of `a` violates check `av`, e.g. `id` 1
alter_table: ALTER TABLE `b` ADD COLUMN `v` enum('x','y') COLLATE utf8mb4_unicode_ci NOT NULL, ADD CONSTRAINT `bv` CHECK ((`v` <> _utf8mb4'x'))
  reason: column `b`.`v`: it is NOT NULL without a default: rows that exist get the implicit value of its type; check `b`.`bv`: fails while a row violates it
  found: 1 row of `b` violates check `bv`, e.g. `id` 1
alter_table: ALTER TABLE `c` ADD COLUMN `v` enum('x','y') COLLATE utf8mb4_unicode_ci NOT NULL, ADD COLUMN `w` set('x','y') COLLATE utf8mb4_unicode_ci NOT NULL, ADD COLUMN `t` time NOT NULL, ADD CONSTRAINT `cv` CHECK (((`v` = _utf8mb4'x') and (`w` = _utf8mb4'') and (`t` < _utf8mb4'00:00:01')))
  reason: column `c`.`v`: it is NOT NULL without a default: rows that exist get the implicit value of its type; column `c`.`w`: it is NOT NULL without a default: rows that exist get the implicit value of its type; column `c`.`t`: it is NOT NULL without a default: rows that exist get the implicit value of its type; check `c`.`cv`: fails while a row violates it
refused: 3819: ALTER TABLE `a` ADD COLUMN `v` int NOT NULL, ADD CONSTRAINT `av` CHECK (((`v` > 0) or (`n` > 5)))
refused: 3819: ALTER TABLE `b` ADD COLUMN `v` enum('x','y') COLLATE utf8mb4_unicode_ci NOT NULL, ADD CONSTRAINT `bv` CHECK ((`v` <> _utf8mb4'x'))
