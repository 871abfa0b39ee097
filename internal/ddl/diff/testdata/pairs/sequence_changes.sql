-- Sequences come, change and go
-- servers mariadb
-- before
CREATE SEQUENCE s1 START WITH 10 INCREMENT BY 5;
CREATE SEQUENCE s2;
CREATE TABLE t (id INT PRIMARY KEY);
-- after
CREATE SEQUENCE s1 START WITH 10 INCREMENT BY 6 MAXVALUE 1000 CACHE 10 CYCLE;
CREATE SEQUENCE s3 START WITH 7;
CREATE TABLE t (id INT PRIMARY KEY DEFAULT NEXTVAL(s3));
-- expect
alter_sequence: ALTER SEQUENCE `s1` start with 10 minvalue 1 maxvalue 1000 increment by 6 cache 10 cycle
  reason: its current value stays as it is
create_sequence: CREATE SEQUENCE `s3` start with 7 minvalue 1 maxvalue 9223372036854775806 increment by 1 cache 1000 nocycle ENGINE=InnoDB
modify_column: ALTER TABLE `t` MODIFY COLUMN `id` int(11) NOT NULL DEFAULT nextval(`s3`)
drop_sequence: DROP SEQUENCE `s2`
  lost: sequence `s2` with its current value
