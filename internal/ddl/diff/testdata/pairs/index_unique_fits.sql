-- A unique key that no row violates
-- before
CREATE TABLE t (id INT PRIMARY KEY, email VARCHAR(40));
-- data
INSERT INTO t VALUES (1, 'x@y'), (2, 'z@y'), (3, NULL), (4, NULL);
-- after
CREATE TABLE t (id INT PRIMARY KEY, email VARCHAR(40), UNIQUE KEY ue (email));
-- expect
add_index: ALTER TABLE `t` ADD UNIQUE KEY `ue` (`email`)
  reason: index `t`.`ue`: fails while two rows hold the same values
