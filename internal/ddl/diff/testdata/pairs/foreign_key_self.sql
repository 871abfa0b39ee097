-- A table that references itself comes, changes and goes
-- before
CREATE TABLE old (id INT PRIMARY KEY, up INT, CONSTRAINT fo FOREIGN KEY (up) REFERENCES old (id));
CREATE TABLE units (id INT PRIMARY KEY, parent INT, CONSTRAINT fu FOREIGN KEY (parent) REFERENCES units (id));
-- after
CREATE TABLE fresh (id INT PRIMARY KEY, up INT, CONSTRAINT ff FOREIGN KEY (up) REFERENCES fresh (id) ON DELETE SET NULL);
CREATE TABLE units (id BIGINT PRIMARY KEY, parent BIGINT, CONSTRAINT fu FOREIGN KEY (parent) REFERENCES units (id));
-- expect mariadb
drop_foreign_key: ALTER TABLE `units` DROP FOREIGN KEY `fu`
  reason: foreign key `units`.`fu`: dropped and added again: column `units`.`parent` changes
modify_column: ALTER TABLE `units` MODIFY COLUMN `id` bigint(20) NOT NULL, MODIFY COLUMN `parent` bigint(20) DEFAULT NULL
create_table: CREATE TABLE `fresh` (`id` int(11) NOT NULL, `up` int(11) DEFAULT NULL, PRIMARY KEY (`id`), KEY `ff` (`up`), CONSTRAINT `ff` FOREIGN KEY (`up`) REFERENCES `fresh` (`id`) ON DELETE SET NULL) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
add_foreign_key: ALTER TABLE `units` ADD CONSTRAINT `fu` FOREIGN KEY (`parent`) REFERENCES `units` (`id`)
  reason: foreign key `units`.`fu`: dropped and added again: column `units`.`parent` changes; fails while a row has no parent
drop_table: DROP TABLE `old`
  lost: table `old` with its rows
-- expect mysql
drop_foreign_key: ALTER TABLE `units` DROP FOREIGN KEY `fu`
  reason: foreign key `units`.`fu`: dropped and added again: column `units`.`parent` changes
modify_column: ALTER TABLE `units` MODIFY COLUMN `id` bigint NOT NULL, MODIFY COLUMN `parent` bigint DEFAULT NULL
create_table: CREATE TABLE `fresh` (`id` int NOT NULL, `up` int DEFAULT NULL, PRIMARY KEY (`id`), KEY `ff` (`up`), CONSTRAINT `ff` FOREIGN KEY (`up`) REFERENCES `fresh` (`id`) ON DELETE SET NULL) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
add_foreign_key: ALTER TABLE `units` ADD CONSTRAINT `fu` FOREIGN KEY (`parent`) REFERENCES `units` (`id`)
  reason: foreign key `units`.`fu`: dropped and added again: column `units`.`parent` changes; fails while a row has no parent
drop_table: DROP TABLE `old`
  lost: table `old` with its rows
