A new column that all rows get the same value for stands under a foreign key.
-- before
CREATE TABLE p (id INT PRIMARY KEY);
CREATE TABLE z (id INT PRIMARY KEY);
CREATE TABLE t (id INT PRIMARY KEY);
CREATE TABLE u (id INT PRIMARY KEY);
CREATE TABLE v (id INT PRIMARY KEY);
-- data
INSERT INTO p VALUES (5);
INSERT INTO z VALUES (0);
INSERT INTO t VALUES (1);
INSERT INTO u VALUES (1);
INSERT INTO v VALUES (1);
-- after
CREATE TABLE p (id INT PRIMARY KEY);
CREATE TABLE z (id INT PRIMARY KEY);
CREATE TABLE t (id INT PRIMARY KEY, pid INT NOT NULL, CONSTRAINT f1 FOREIGN KEY (pid) REFERENCES p (id));
CREATE TABLE u (id INT PRIMARY KEY, zid INT NOT NULL, CONSTRAINT f2 FOREIGN KEY (zid) REFERENCES z (id));
CREATE TABLE v (id INT PRIMARY KEY, pid INT DEFAULT 5, own INT NOT NULL, CONSTRAINT f3 FOREIGN KEY (pid) REFERENCES p (id), CONSTRAINT f4 FOREIGN KEY (own) REFERENCES v (id));
-- expect mariadb
alter_table: ALTER TABLE `t` ADD COLUMN `pid` int(11) NOT NULL, ADD KEY `f1` (`pid`)
  reason: column `t`.`pid`: it is NOT NULL without a default: rows that exist get the implicit value of its type
alter_table: ALTER TABLE `u` ADD COLUMN `zid` int(11) NOT NULL, ADD KEY `f2` (`zid`)
  reason: column `u`.`zid`: it is NOT NULL without a default: rows that exist get the implicit value of its type
alter_table: ALTER TABLE `v` ADD COLUMN `pid` int(11) DEFAULT 5, ADD COLUMN `own` int(11) NOT NULL, ADD KEY `f3` (`pid`), ADD KEY `f4` (`own`)
  reason: column `v`.`own`: it is NOT NULL without a default: rows that exist get the implicit value of its type
add_foreign_key: ALTER TABLE `t` ADD CONSTRAINT `f1` FOREIGN KEY (`pid`) REFERENCES `p` (`id`)
  reason: foreign key `t`.`f1`: fails while a row has no parent
  found: 1 row of `t` violates foreign key `f1`: no such row in `p`, e.g. `id` 1
add_foreign_key: ALTER TABLE `u` ADD CONSTRAINT `f2` FOREIGN KEY (`zid`) REFERENCES `z` (`id`)
  reason: foreign key `u`.`f2`: fails while a row has no parent
add_foreign_key: ALTER TABLE `v` ADD CONSTRAINT `f3` FOREIGN KEY (`pid`) REFERENCES `p` (`id`), ADD CONSTRAINT `f4` FOREIGN KEY (`own`) REFERENCES `v` (`id`)
  reason: foreign key `v`.`f3`: fails while a row has no parent; foreign key `v`.`f4`: fails while a row has no parent
  found: 1 row of `v` violates foreign key `f4`: no such row in `v`, e.g. `id` 1
refused: 1452: ALTER TABLE `t` ADD CONSTRAINT `f1` FOREIGN KEY (`pid`) REFERENCES `p` (`id`)
refused: 1452: ALTER TABLE `v` ADD CONSTRAINT `f3` FOREIGN KEY (`pid`) REFERENCES `p` (`id`), ADD CONSTRAINT `f4` FOREIGN KEY (`own`) REFERENCES `v` (`id`)
-- expect mysql
alter_table: ALTER TABLE `t` ADD COLUMN `pid` int NOT NULL, ADD KEY `f1` (`pid`)
  reason: column `t`.`pid`: it is NOT NULL without a default: rows that exist get the implicit value of its type
alter_table: ALTER TABLE `u` ADD COLUMN `zid` int NOT NULL, ADD KEY `f2` (`zid`)
  reason: column `u`.`zid`: it is NOT NULL without a default: rows that exist get the implicit value of its type
alter_table: ALTER TABLE `v` ADD COLUMN `pid` int DEFAULT '5', ADD COLUMN `own` int NOT NULL, ADD KEY `f3` (`pid`), ADD KEY `f4` (`own`)
  reason: column `v`.`own`: it is NOT NULL without a default: rows that exist get the implicit value of its type
add_foreign_key: ALTER TABLE `t` ADD CONSTRAINT `f1` FOREIGN KEY (`pid`) REFERENCES `p` (`id`)
  reason: foreign key `t`.`f1`: fails while a row has no parent
  found: 1 row of `t` violates foreign key `f1`: no such row in `p`, e.g. `id` 1
add_foreign_key: ALTER TABLE `u` ADD CONSTRAINT `f2` FOREIGN KEY (`zid`) REFERENCES `z` (`id`)
  reason: foreign key `u`.`f2`: fails while a row has no parent
add_foreign_key: ALTER TABLE `v` ADD CONSTRAINT `f3` FOREIGN KEY (`pid`) REFERENCES `p` (`id`), ADD CONSTRAINT `f4` FOREIGN KEY (`own`) REFERENCES `v` (`id`)
  reason: foreign key `v`.`f3`: fails while a row has no parent; foreign key `v`.`f4`: fails while a row has no parent
  found: 1 row of `v` violates foreign key `f4`: no such row in `v`, e.g. `id` 1
refused: 1452: ALTER TABLE `t` ADD CONSTRAINT `f1` FOREIGN KEY (`pid`) REFERENCES `p` (`id`)
refused: 1452: ALTER TABLE `v` ADD CONSTRAINT `f3` FOREIGN KEY (`pid`) REFERENCES `p` (`id`), ADD CONSTRAINT `f4` FOREIGN KEY (`own`) REFERENCES `v` (`id`)
