-- A unique key over duplicates
-- before
CREATE TABLE t (id INT PRIMARY KEY, email VARCHAR(40), a INT, b INT);
-- data
INSERT INTO t VALUES (1, 'x@y', 1, 1), (2, 'X@Y', 1, 2), (3, NULL, 1, 2), (4, NULL, 2, 2);
-- after
CREATE TABLE t (id INT PRIMARY KEY, email VARCHAR(40), a INT, b INT, UNIQUE KEY ue (email), UNIQUE KEY ab (a, b));
-- expect
add_index: ALTER TABLE `t` ADD UNIQUE KEY `ue` (`email`), ADD UNIQUE KEY `ab` (`a`,`b`)
  reason: index `t`.`ue`: fails while two rows hold the same values; index `t`.`ab`: fails while two rows hold the same values
  found: 2 rows of `t` violate unique key `ue`, e.g. `email` x@y
  found: 2 rows of `t` violate unique key `ab`, e.g. `a`, `b` 1, 2
refused: 1062: ALTER TABLE `t` ADD UNIQUE KEY `ue` (`email`), ADD UNIQUE KEY `ab` (`a`,`b`)
