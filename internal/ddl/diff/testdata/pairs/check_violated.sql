-- Rows that a new check refuses
-- before
CREATE TABLE t (id INT PRIMARY KEY, s VARCHAR(9));
-- data
INSERT INTO t VALUES (1, 'new'), (2, 'lost'), (3, NULL);
-- after
CREATE TABLE t (id INT PRIMARY KEY, s VARCHAR(9), CONSTRAINT known CHECK (s IN ('new', 'it''s', 'old')));
-- expect mariadb
add_check: ALTER TABLE `t` ADD CONSTRAINT `known` CHECK (`s` in ('new','it\'s','old'))
  reason: check `t`.`known`: fails while a row violates it
  found: 1 row of `t` violates check `known`, e.g. `id` 2
refused: 4025: ALTER TABLE `t` ADD CONSTRAINT `known` CHECK (`s` in ('new','it\'s','old'))
-- expect mysql
add_check: ALTER TABLE `t` ADD CONSTRAINT `known` CHECK ((`s` in (_utf8mb4'new',_utf8mb4'it\'s',_utf8mb4'old')))
  reason: check `t`.`known`: fails while a row violates it
  found: 1 row of `t` violates check `known`, e.g. `id` 2
refused: 3819: ALTER TABLE `t` ADD CONSTRAINT `known` CHECK ((`s` in (_utf8mb4'new',_utf8mb4'it\'s',_utf8mb4'old')))
