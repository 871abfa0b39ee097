-- A wider index beside the one that the server made: it would drop that without a word
-- before
CREATE TABLE p (id INT PRIMARY KEY);
CREATE TABLE c (id INT PRIMARY KEY, pid INT, x INT, CONSTRAINT f FOREIGN KEY (pid) REFERENCES p (id));
-- after
CREATE TABLE p (id INT PRIMARY KEY);
CREATE TABLE c (id INT PRIMARY KEY, pid INT, x INT, KEY f (pid), KEY kpx (pid, x), CONSTRAINT f FOREIGN KEY (pid) REFERENCES p (id));
-- expect
alter_table: ALTER TABLE `c` DROP INDEX `f`, ADD KEY `f` (`pid`), ADD KEY `kpx` (`pid`,`x`)
