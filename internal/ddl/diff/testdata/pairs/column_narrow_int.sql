-- A smaller integer
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT, b BIGINT, c INT);
-- data
INSERT INTO t VALUES (1, 5, 70000, -1), (2, 300, 7, 1);
-- after
CREATE TABLE t (id INT PRIMARY KEY, a TINYINT, b SMALLINT, c INT UNSIGNED);
-- expect mariadb
modify_column: ALTER TABLE `t` MODIFY COLUMN `a` tinyint(4) DEFAULT NULL, MODIFY COLUMN `b` smallint(6) DEFAULT NULL, MODIFY COLUMN `c` int(10) unsigned DEFAULT NULL
  reason: column `t`.`a`: a strict server refuses values outside -128 to 127; column `t`.`b`: a strict server refuses values outside -32768 to 32767; column `t`.`c`: a strict server refuses values outside 0 and more
  found: 1 row of `t` violates the new type of `a`: outside -128 to 127, e.g. `id` 2
  found: 1 row of `t` violates the new type of `b`: outside -32768 to 32767, e.g. `id` 1
  found: 1 row of `t` violates the new type of `c`: outside 0 and more, e.g. `id` 1
refused: 1264: ALTER TABLE `t` MODIFY COLUMN `a` tinyint(4) DEFAULT NULL, MODIFY COLUMN `b` smallint(6) DEFAULT NULL, MODIFY COLUMN `c` int(10) unsigned DEFAULT NULL
-- expect mysql
modify_column: ALTER TABLE `t` MODIFY COLUMN `a` tinyint DEFAULT NULL, MODIFY COLUMN `b` smallint DEFAULT NULL, MODIFY COLUMN `c` int unsigned DEFAULT NULL
  reason: column `t`.`a`: a strict server refuses values outside -128 to 127; column `t`.`b`: a strict server refuses values outside -32768 to 32767; column `t`.`c`: a strict server refuses values outside 0 and more
  found: 1 row of `t` violates the new type of `a`: outside -128 to 127, e.g. `id` 2
  found: 1 row of `t` violates the new type of `b`: outside -32768 to 32767, e.g. `id` 1
  found: 1 row of `t` violates the new type of `c`: outside 0 and more, e.g. `id` 1
refused: 1264: ALTER TABLE `t` MODIFY COLUMN `a` tinyint DEFAULT NULL, MODIFY COLUMN `b` smallint DEFAULT NULL, MODIFY COLUMN `c` int unsigned DEFAULT NULL
