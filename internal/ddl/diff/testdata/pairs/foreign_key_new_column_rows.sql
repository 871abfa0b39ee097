-- A new column with a foreign key to a new table cannot hold rows
-- before
CREATE TABLE c (id INT PRIMARY KEY);
-- data
INSERT INTO c VALUES (4);
-- after
CREATE TABLE newp (id INT PRIMARY KEY);
CREATE TABLE c (id INT PRIMARY KEY, pid INT NOT NULL, CONSTRAINT f FOREIGN KEY (pid) REFERENCES newp (id));
-- expect mariadb
alter_table: ALTER TABLE `c` ADD COLUMN `pid` int(11) NOT NULL, ADD KEY `f` (`pid`)
  reason: column `c`.`pid`: it is NOT NULL without a default: rows that exist get the implicit value of its type
create_table: CREATE TABLE `newp` (`id` int(11) NOT NULL, PRIMARY KEY (`id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
add_foreign_key: ALTER TABLE `c` ADD CONSTRAINT `f` FOREIGN KEY (`pid`) REFERENCES `newp` (`id`)
  reason: foreign key `c`.`f`: fails while a row has no parent
  found: 1 row of `c` violates foreign key `f`: no such row in `newp`, e.g. `id` 4
refused: 1452: ALTER TABLE `c` ADD CONSTRAINT `f` FOREIGN KEY (`pid`) REFERENCES `newp` (`id`)
-- expect mysql
alter_table: ALTER TABLE `c` ADD COLUMN `pid` int NOT NULL, ADD KEY `f` (`pid`)
  reason: column `c`.`pid`: it is NOT NULL without a default: rows that exist get the implicit value of its type
create_table: CREATE TABLE `newp` (`id` int NOT NULL, PRIMARY KEY (`id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
add_foreign_key: ALTER TABLE `c` ADD CONSTRAINT `f` FOREIGN KEY (`pid`) REFERENCES `newp` (`id`)
  reason: foreign key `c`.`f`: fails while a row has no parent
  found: 1 row of `c` violates foreign key `f`: no such row in `newp`, e.g. `id` 4
refused: 1452: ALTER TABLE `c` ADD CONSTRAINT `f` FOREIGN KEY (`pid`) REFERENCES `newp` (`id`)
