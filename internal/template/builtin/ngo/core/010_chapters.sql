-- Chapters of the organization and their meetings. A chapter is an
-- organizational unit with an address and a life of its own.

CREATE TABLE chapters (
  id                     INT UNSIGNED NOT NULL AUTO_INCREMENT,
  organizational_unit_id INT UNSIGNED NOT NULL
                         COMMENT 'Its place in the organization',
  name                   VARCHAR(200) NOT NULL,
  city                   VARCHAR(100) NULL,
  country                CHAR(2) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
                         COMMENT 'ISO 3166-1 alpha-2',
  time_zone              VARCHAR(64) CHARACTER SET ascii COLLATE ascii_general_ci NULL
                         COMMENT 'IANA name, for the display of meetings; NULL: the tenant default',
  founded_on             DATE NULL,
  closed_on              DATE NULL,
  created_at             DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at             DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id),
  UNIQUE KEY uq_chapters_unit (organizational_unit_id),
  KEY ix_chapters_place (country, city),
  CONSTRAINT fk_chapters_unit FOREIGN KEY (organizational_unit_id)
    REFERENCES organizational_units (id) ON DELETE RESTRICT,
  CONSTRAINT ck_chapters_country CHECK (country REGEXP '^[A-Z]{2}$'),
  CONSTRAINT ck_chapters_period CHECK (closed_on >= founded_on)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Local chapters';

CREATE TABLE chapter_meetings (
  id           INT UNSIGNED NOT NULL AUTO_INCREMENT,
  chapter_id   INT UNSIGNED NOT NULL,
  title        VARCHAR(200) NOT NULL,
  meeting_type ENUM('regular','general_assembly','board','other') NOT NULL DEFAULT 'regular',
  status       ENUM('planned','held','cancelled') NOT NULL DEFAULT 'planned',
  starts_at    DATETIME(6) NOT NULL
               COMMENT 'UTC',
  ends_at      DATETIME(6) NULL
               COMMENT 'UTC',
  location     VARCHAR(300) NULL
               COMMENT 'Address, or where to join online',
  quorum       SMALLINT UNSIGNED NULL
               COMMENT 'Members who have to be present to decide; NULL: none needed',
  agenda       TEXT NULL,
  minutes      MEDIUMTEXT NULL,
  created_by   BIGINT UNSIGNED NULL,
  created_at   DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at   DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id),
  KEY ix_chapter_meetings_chapter (chapter_id, starts_at),
  KEY ix_chapter_meetings_calendar (status, starts_at),
  KEY ix_chapter_meetings_created_by (created_by),
  -- Minutes are records: a chapter that has met is closed, not deleted.
  CONSTRAINT fk_chapter_meetings_chapter FOREIGN KEY (chapter_id)
    REFERENCES chapters (id) ON DELETE RESTRICT,
  CONSTRAINT fk_chapter_meetings_created_by FOREIGN KEY (created_by)
    REFERENCES users (id) ON DELETE SET NULL,
  CONSTRAINT ck_chapter_meetings_period CHECK (ends_at > starts_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Meetings of chapters';
