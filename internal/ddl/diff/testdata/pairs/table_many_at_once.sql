-- Six tables and three views change at once
-- before
CREATE TABLE a (id INT PRIMARY KEY);
CREATE TABLE b (id INT PRIMARY KEY, a INT, CONSTRAINT b1 FOREIGN KEY (a) REFERENCES a (id));
CREATE TABLE c (id INT PRIMARY KEY, b INT, CONSTRAINT c1 FOREIGN KEY (b) REFERENCES b (id));
CREATE TABLE old (id INT PRIMARY KEY);
CREATE VIEW va AS SELECT a.id FROM a JOIN old USING (id);
CREATE VIEW vb AS SELECT id FROM va;
-- after
CREATE TABLE z (id INT PRIMARY KEY);
CREATE TABLE a (id INT PRIMARY KEY, z INT, CONSTRAINT a1 FOREIGN KEY (z) REFERENCES z (id));
CREATE TABLE b (id INT PRIMARY KEY, a INT, z INT, CONSTRAINT b1 FOREIGN KEY (a) REFERENCES a (id) ON DELETE CASCADE);
CREATE TABLE c (id INT PRIMARY KEY);
CREATE VIEW va AS SELECT a.id, z.id AS zid FROM a JOIN z ON z.id = a.z;
CREATE VIEW vb AS SELECT id, zid FROM va;
CREATE VIEW vc AS SELECT zid FROM vb;
-- expect mariadb
drop_foreign_key: ALTER TABLE `b` DROP FOREIGN KEY `b1`
drop_foreign_key: ALTER TABLE `c` DROP FOREIGN KEY `c1`
alter_table: ALTER TABLE `a` ADD COLUMN `z` int(11) DEFAULT NULL, ADD KEY `a1` (`z`)
add_column: ALTER TABLE `b` ADD COLUMN `z` int(11) DEFAULT NULL
drop_index: ALTER TABLE `c` DROP INDEX `c1`
create_table: CREATE TABLE `z` (`id` int(11) NOT NULL, PRIMARY KEY (`id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
add_foreign_key: ALTER TABLE `a` ADD CONSTRAINT `a1` FOREIGN KEY (`z`) REFERENCES `z` (`id`)
  reason: foreign key `a`.`a1`: fails while a row has no parent
add_foreign_key: ALTER TABLE `b` ADD CONSTRAINT `b1` FOREIGN KEY (`a`) REFERENCES `a` (`id`) ON DELETE CASCADE
  reason: foreign key `b`.`b1`: fails while a row has no parent
replace_view: CREATE OR REPLACE ALGORITHM=UNDEFINED DEFINER=me SQL SECURITY DEFINER VIEW `va` AS select `a`.`id` AS `id`,`z`.`id` AS `zid` from (`a` join `z` on(`z`.`id` = `a`.`z`))
replace_view: CREATE OR REPLACE ALGORITHM=UNDEFINED DEFINER=me SQL SECURITY DEFINER VIEW `vb` AS select `va`.`id` AS `id`,`va`.`zid` AS `zid` from `va`
create_view: CREATE ALGORITHM=UNDEFINED DEFINER=me SQL SECURITY DEFINER VIEW `vc` AS select `vb`.`zid` AS `zid` from `vb`
drop_column: ALTER TABLE `c` DROP COLUMN `b`
  lost: column `c`.`b` with its values
drop_table: DROP TABLE `old`
  lost: table `old` with its rows
-- expect mysql
drop_foreign_key: ALTER TABLE `b` DROP FOREIGN KEY `b1`
drop_foreign_key: ALTER TABLE `c` DROP FOREIGN KEY `c1`
alter_table: ALTER TABLE `a` ADD COLUMN `z` int DEFAULT NULL, ADD KEY `a1` (`z`)
add_column: ALTER TABLE `b` ADD COLUMN `z` int DEFAULT NULL
drop_index: ALTER TABLE `c` DROP INDEX `c1`
create_table: CREATE TABLE `z` (`id` int NOT NULL, PRIMARY KEY (`id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
add_foreign_key: ALTER TABLE `a` ADD CONSTRAINT `a1` FOREIGN KEY (`z`) REFERENCES `z` (`id`)
  reason: foreign key `a`.`a1`: fails while a row has no parent
add_foreign_key: ALTER TABLE `b` ADD CONSTRAINT `b1` FOREIGN KEY (`a`) REFERENCES `a` (`id`) ON DELETE CASCADE
  reason: foreign key `b`.`b1`: fails while a row has no parent
replace_view: CREATE OR REPLACE ALGORITHM=UNDEFINED DEFINER=me SQL SECURITY DEFINER VIEW `va` AS select `a`.`id` AS `id`,`z`.`id` AS `zid` from (`a` join `z` on((`z`.`id` = `a`.`z`)))
replace_view: CREATE OR REPLACE ALGORITHM=UNDEFINED DEFINER=me SQL SECURITY DEFINER VIEW `vb` AS select `va`.`id` AS `id`,`va`.`zid` AS `zid` from `va`
create_view: CREATE ALGORITHM=UNDEFINED DEFINER=me SQL SECURITY DEFINER VIEW `vc` AS select `vb`.`zid` AS `zid` from `vb`
drop_column: ALTER TABLE `c` DROP COLUMN `b`
  lost: column `c`.`b` with its values
drop_table: DROP TABLE `old`
  lost: table `old` with its rows
