-- A key with a prefix takes over for a foreign key, and gives it up again
-- before
CREATE TABLE box (id bigint AUTO_INCREMENT PRIMARY KEY, label text);
CREATE TABLE thing (id int PRIMARY KEY, box_id bigint, code text, KEY k (box_id), CONSTRAINT f FOREIGN KEY (box_id) REFERENCES box (id));
-- after
CREATE TABLE box (id bigint AUTO_INCREMENT PRIMARY KEY, label text);
CREATE TABLE thing (id int PRIMARY KEY, box_id bigint, code text, KEY k2 (box_id, code(10)), CONSTRAINT f FOREIGN KEY (box_id) REFERENCES box (id));
-- expect
alter_table: ALTER TABLE `thing` DROP INDEX `k`, ADD KEY `k2` (`box_id`,`code`(10))
