-- A foreign key whose only key has a prefix behind its columns
-- before
CREATE TABLE box (id bigint AUTO_INCREMENT PRIMARY KEY, label text);
CREATE TABLE thing (box_id bigint, code text, note text);
CREATE UNIQUE INDEX u_thing ON thing (box_id, code(36));
ALTER TABLE thing ADD FOREIGN KEY (box_id) REFERENCES box (id) ON DELETE CASCADE;
-- after
CREATE TABLE box (id bigint AUTO_INCREMENT PRIMARY KEY, label text);
CREATE TABLE thing (box_id bigint, code text NOT NULL, note text);
CREATE UNIQUE INDEX u_thing ON thing (box_id, code(36));
ALTER TABLE thing ADD FOREIGN KEY (box_id) REFERENCES box (id) ON DELETE CASCADE;
-- expect mariadb
modify_column: ALTER TABLE `thing` MODIFY COLUMN `code` text NOT NULL
  reason: column `thing`.`code`: fails while a row holds NULL
-- expect mysql
modify_column: ALTER TABLE `thing` MODIFY COLUMN `code` text COLLATE utf8mb4_unicode_ci NOT NULL
  reason: column `thing`.`code`: fails while a row holds NULL
