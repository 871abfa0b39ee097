-- Names with dots, spaces, backticks, quotes, upper case and reserved words
-- before
CREATE TABLE `a.b c` (`id` INT PRIMARY KEY, `x``y` INT, `Group` INT, KEY `k.1` (`x``y`));
CREATE TABLE `external` (`select` INT PRIMARY KEY, `a,b` INT, `(` INT);
-- data
INSERT INTO `a.b c` VALUES (1, NULL, 2);
-- after
CREATE TABLE `a.b c` (`id` INT PRIMARY KEY, `x``y` BIGINT NOT NULL, `Group` INT, `it's` VARCHAR(5), KEY `k 2` (`Group`, `x``y`), CONSTRAINT `c``k` CHECK (`Group` > 0));
CREATE TABLE `external` (`select` INT PRIMARY KEY, `a,b` INT, `)` INT, CONSTRAINT `f k` FOREIGN KEY (`a,b`) REFERENCES `a.b c` (`id`));
CREATE TABLE `Größe ☃` (`ключ` INT PRIMARY KEY, `Ñ` VARCHAR(9) COMMENT 'ж');
-- expect mariadb
alter_table: ALTER TABLE `a.b c` DROP INDEX `k.1`, MODIFY COLUMN `x``y` bigint(20) NOT NULL, ADD COLUMN `it's` varchar(5) DEFAULT NULL, ADD KEY `k 2` (`Group`,`x``y`), ADD CONSTRAINT `c``k` CHECK (`Group` > 0)
  reason: column `a.b c`.`x`y`: fails while a row holds NULL; check `a.b c`.`c`k`: fails while a row violates it
  found: 1 row of `a.b c` violates NOT NULL of `x`y`, e.g. `id` 1
alter_table: ALTER TABLE `external` ADD COLUMN `)` int(11) DEFAULT NULL, ADD KEY `f k` (`a,b`)
create_table: CREATE TABLE `Größe ☃` (`ключ` int(11) NOT NULL, `Ñ` varchar(9) DEFAULT NULL COMMENT 'ж', PRIMARY KEY (`ключ`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
add_foreign_key: ALTER TABLE `external` ADD CONSTRAINT `f k` FOREIGN KEY (`a,b`) REFERENCES `a.b c` (`id`)
  reason: foreign key `external`.`f k`: fails while a row has no parent
drop_column: ALTER TABLE `external` DROP COLUMN `(`
  lost: column `external`.`(` with its values
refused: 1265: ALTER TABLE `a.b c` DROP INDEX `k.1`, MODIFY COLUMN `x``y` bigint(20) NOT NULL, ADD COLUMN `it's` varchar(5) DEFAULT NULL, ADD KEY `k 2` (`Group`,`x``y`), ADD CONSTRAINT `c``k` CHECK (`Group` > 0)
-- expect mysql
alter_table: ALTER TABLE `a.b c` DROP INDEX `k.1`, MODIFY COLUMN `x``y` bigint NOT NULL, ADD COLUMN `it's` varchar(5) COLLATE utf8mb4_unicode_ci DEFAULT NULL, ADD KEY `k 2` (`Group`,`x``y`), ADD CONSTRAINT `c``k` CHECK ((`Group` > 0))
  reason: column `a.b c`.`x`y`: fails while a row holds NULL; check `a.b c`.`c`k`: fails while a row violates it
  found: 1 row of `a.b c` violates NOT NULL of `x`y`, e.g. `id` 1
alter_table: ALTER TABLE `external` ADD COLUMN `)` int DEFAULT NULL, ADD KEY `f k` (`a,b`)
create_table: CREATE TABLE `Größe ☃` (`ключ` int NOT NULL, `Ñ` varchar(9) COLLATE utf8mb4_unicode_ci DEFAULT NULL COMMENT 'ж', PRIMARY KEY (`ключ`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
add_foreign_key: ALTER TABLE `external` ADD CONSTRAINT `f k` FOREIGN KEY (`a,b`) REFERENCES `a.b c` (`id`)
  reason: foreign key `external`.`f k`: fails while a row has no parent
drop_column: ALTER TABLE `external` DROP COLUMN `(`
  lost: column `external`.`(` with its values
refused: 1265: ALTER TABLE `a.b c` DROP INDEX `k.1`, MODIFY COLUMN `x``y` bigint NOT NULL, ADD COLUMN `it's` varchar(5) COLLATE utf8mb4_unicode_ci DEFAULT NULL, ADD KEY `k 2` (`Group`,`x``y`), ADD CONSTRAINT `c``k` CHECK ((`Group` > 0))
