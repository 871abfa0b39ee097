-- A check is no longer enforced, another one is again
-- servers mysql
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT, CONSTRAINT c1 CHECK (a > 0), CONSTRAINT c2 CHECK (a < 9) NOT ENFORCED);
-- data
INSERT INTO t VALUES (1, 10), (2, 3);
-- after
CREATE TABLE t (id INT PRIMARY KEY, a INT, CONSTRAINT c1 CHECK (a > 0) NOT ENFORCED, CONSTRAINT c2 CHECK (a < 9));
-- expect
modify_check: ALTER TABLE `t` ALTER CHECK `c1` NOT ENFORCED, ALTER CHECK `c2` ENFORCED
  reason: check `t`.`c2`: fails while a row violates it
  found: 1 row of `t` violates check `c2`, e.g. `id` 1
refused: 3819: ALTER TABLE `t` ALTER CHECK `c1` NOT ENFORCED, ALTER CHECK `c2` ENFORCED
