-- A foreign key and the index that the server makes for it
-- before
CREATE TABLE p (id INT PRIMARY KEY);
CREATE TABLE c (id INT PRIMARY KEY, pid INT);
-- after
CREATE TABLE p (id INT PRIMARY KEY);
CREATE TABLE c (id INT PRIMARY KEY, pid INT, CONSTRAINT fk1 FOREIGN KEY (pid) REFERENCES p (id) ON DELETE CASCADE);
-- expect
add_index: ALTER TABLE `c` ADD KEY `fk1` (`pid`)
add_foreign_key: ALTER TABLE `c` ADD CONSTRAINT `fk1` FOREIGN KEY (`pid`) REFERENCES `p` (`id`) ON DELETE CASCADE
  reason: foreign key `c`.`fk1`: fails while a row has no parent
