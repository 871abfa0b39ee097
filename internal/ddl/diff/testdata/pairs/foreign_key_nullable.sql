-- The column of a foreign key becomes NOT NULL
-- before
CREATE TABLE p (id INT PRIMARY KEY);
CREATE TABLE c (id INT PRIMARY KEY, pid INT, CONSTRAINT fk1 FOREIGN KEY (pid) REFERENCES p (id));
-- after
CREATE TABLE p (id INT PRIMARY KEY);
CREATE TABLE c (id INT PRIMARY KEY, pid INT NOT NULL, CONSTRAINT fk1 FOREIGN KEY (pid) REFERENCES p (id));
-- expect mariadb
drop_foreign_key: ALTER TABLE `c` DROP FOREIGN KEY `fk1`
  reason: foreign key `c`.`fk1`: dropped and added again: column `c`.`pid` changes
modify_column: ALTER TABLE `c` MODIFY COLUMN `pid` int(11) NOT NULL
  reason: column `c`.`pid`: fails while a row holds NULL
add_foreign_key: ALTER TABLE `c` ADD CONSTRAINT `fk1` FOREIGN KEY (`pid`) REFERENCES `p` (`id`)
  reason: foreign key `c`.`fk1`: dropped and added again: column `c`.`pid` changes; fails while a row has no parent
-- expect mysql
drop_foreign_key: ALTER TABLE `c` DROP FOREIGN KEY `fk1`
  reason: foreign key `c`.`fk1`: dropped and added again: column `c`.`pid` changes
modify_column: ALTER TABLE `c` MODIFY COLUMN `pid` int NOT NULL
  reason: column `c`.`pid`: fails while a row holds NULL
add_foreign_key: ALTER TABLE `c` ADD CONSTRAINT `fk1` FOREIGN KEY (`pid`) REFERENCES `p` (`id`)
  reason: foreign key `c`.`fk1`: dropped and added again: column `c`.`pid` changes; fails while a row has no parent
