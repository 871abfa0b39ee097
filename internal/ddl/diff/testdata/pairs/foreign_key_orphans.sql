-- Rows without a parent
-- before
CREATE TABLE p (id INT PRIMARY KEY);
CREATE TABLE c (id INT PRIMARY KEY, pid INT, qid INT);
-- data
INSERT INTO p VALUES (1);
INSERT INTO c VALUES (10, 1, NULL), (11, 2, 3), (12, NULL, NULL);
-- after
CREATE TABLE p (id INT PRIMARY KEY);
CREATE TABLE q (id INT PRIMARY KEY);
CREATE TABLE c (id INT PRIMARY KEY, pid INT, qid INT, CONSTRAINT fk1 FOREIGN KEY (pid) REFERENCES p (id), CONSTRAINT fk2 FOREIGN KEY (qid) REFERENCES q (id));
-- expect mariadb
add_index: ALTER TABLE `c` ADD KEY `fk1` (`pid`), ADD KEY `fk2` (`qid`)
create_table: CREATE TABLE `q` (`id` int(11) NOT NULL, PRIMARY KEY (`id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
add_foreign_key: ALTER TABLE `c` ADD CONSTRAINT `fk1` FOREIGN KEY (`pid`) REFERENCES `p` (`id`), ADD CONSTRAINT `fk2` FOREIGN KEY (`qid`) REFERENCES `q` (`id`)
  reason: foreign key `c`.`fk1`: fails while a row has no parent; foreign key `c`.`fk2`: fails while a row has no parent
  found: 1 row of `c` violates foreign key `fk1`: no such row in `p`, e.g. `id` 11
  found: 1 row of `c` violates foreign key `fk2`: no such row in `q`, e.g. `id` 11
refused: 1452: ALTER TABLE `c` ADD CONSTRAINT `fk1` FOREIGN KEY (`pid`) REFERENCES `p` (`id`), ADD CONSTRAINT `fk2` FOREIGN KEY (`qid`) REFERENCES `q` (`id`)
-- expect mysql
add_index: ALTER TABLE `c` ADD KEY `fk1` (`pid`), ADD KEY `fk2` (`qid`)
create_table: CREATE TABLE `q` (`id` int NOT NULL, PRIMARY KEY (`id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
add_foreign_key: ALTER TABLE `c` ADD CONSTRAINT `fk1` FOREIGN KEY (`pid`) REFERENCES `p` (`id`), ADD CONSTRAINT `fk2` FOREIGN KEY (`qid`) REFERENCES `q` (`id`)
  reason: foreign key `c`.`fk1`: fails while a row has no parent; foreign key `c`.`fk2`: fails while a row has no parent
  found: 1 row of `c` violates foreign key `fk1`: no such row in `p`, e.g. `id` 11
  found: 1 row of `c` violates foreign key `fk2`: no such row in `q`, e.g. `id` 11
refused: 1452: ALTER TABLE `c` ADD CONSTRAINT `fk1` FOREIGN KEY (`pid`) REFERENCES `p` (`id`), ADD CONSTRAINT `fk2` FOREIGN KEY (`qid`) REFERENCES `q` (`id`)
