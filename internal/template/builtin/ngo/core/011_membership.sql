-- Members of the organization. A member is a person on record, with or without
-- a user account; what they joined and paid for is in memberships.

-- Supporters can sign in with their member number.
ALTER TABLE users
  ADD COLUMN member_number VARCHAR(32) CHARACTER SET ascii COLLATE ascii_general_ci NULL
    COMMENT 'Of the member whose account this is; NULL: no member',
  ADD UNIQUE KEY uq_users_member_number (member_number);

CREATE TABLE membership_types (
  id         INT UNSIGNED NOT NULL AUTO_INCREMENT,
  code       VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name       VARCHAR(100) NOT NULL,
  annual_fee DECIMAL(19,4) NOT NULL DEFAULT 0,
  currency   CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
             COMMENT 'ISO 4217',
  has_vote   TINYINT(1) NOT NULL DEFAULT 1
             COMMENT 'May vote in a general assembly',
  is_offered TINYINT(1) NOT NULL DEFAULT 1
             COMMENT '0: existing memberships run on, nobody joins any more',
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id),
  UNIQUE KEY uq_membership_types_code (code),
  CONSTRAINT ck_membership_types_fee CHECK (annual_fee >= 0),
  CONSTRAINT ck_membership_types_currency CHECK (currency REGEXP '^[A-Z]{3}$')
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Kinds of membership';

CREATE TABLE members (
  id             BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  member_number  VARCHAR(32) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL,
  user_id        BIGINT UNSIGNED NULL
                 COMMENT 'NULL: has no account',
  chapter_id     INT UNSIGNED NULL
                 COMMENT 'NULL: belongs to the organization directly',
  given_name     VARCHAR(100) NOT NULL,
  family_name    VARCHAR(100) NOT NULL,
  email          VARCHAR(254) NULL,
  phone          VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NULL
                 COMMENT 'E.164, for example +4930123456',
  birth_date     DATE NULL,
  postal_address VARCHAR(500) NULL,
  country        CHAR(2) CHARACTER SET ascii COLLATE ascii_bin NULL
                 COMMENT 'ISO 3166-1 alpha-2',
  joined_on      DATE NOT NULL,
  left_on        DATE NULL
                 COMMENT 'NULL: still a member',
  created_at     DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at     DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id),
  UNIQUE KEY uq_members_member_number (member_number),
  UNIQUE KEY uq_members_user (user_id),
  KEY ix_members_chapter (chapter_id, left_on),
  KEY ix_members_name (family_name, given_name),
  KEY ix_members_email (email),
  CONSTRAINT fk_members_user FOREIGN KEY (user_id)
    REFERENCES users (id) ON DELETE SET NULL,
  CONSTRAINT fk_members_chapter FOREIGN KEY (chapter_id)
    REFERENCES chapters (id) ON DELETE SET NULL,
  CONSTRAINT ck_members_country CHECK (country REGEXP '^[A-Z]{2}$'),
  CONSTRAINT ck_members_period CHECK (left_on >= joined_on)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Members on record';

CREATE TABLE memberships (
  id                 BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  member_id          BIGINT UNSIGNED NOT NULL,
  membership_type_id INT UNSIGNED NOT NULL,
  starts_on          DATE NOT NULL,
  ends_on            DATE NULL
                     COMMENT 'Last day; NULL: until it is ended',
  fee                DECIMAL(19,4) NOT NULL DEFAULT 0
                     COMMENT 'For this period, as agreed',
  currency           CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
                     COMMENT 'ISO 4217',
  paid_on            DATE NULL
                     COMMENT 'NULL: fee is open',
  created_at         DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at         DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id),
  UNIQUE KEY uq_memberships_period (member_id, starts_on),
  KEY ix_memberships_type (membership_type_id, starts_on),
  KEY ix_memberships_end (ends_on),
  KEY ix_memberships_open (paid_on, starts_on),
  CONSTRAINT fk_memberships_member FOREIGN KEY (member_id)
    REFERENCES members (id) ON DELETE CASCADE,
  CONSTRAINT fk_memberships_type FOREIGN KEY (membership_type_id)
    REFERENCES membership_types (id) ON DELETE RESTRICT,
  CONSTRAINT ck_memberships_period CHECK (ends_on >= starts_on),
  CONSTRAINT ck_memberships_fee CHECK (fee >= 0),
  CONSTRAINT ck_memberships_currency CHECK (currency REGEXP '^[A-Z]{3}$')
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Periods of membership, with their fees';

CREATE TABLE chapter_meeting_attendances (
  meeting_id INT UNSIGNED NOT NULL,
  member_id  BIGINT UNSIGNED NOT NULL,
  response   ENUM('invited','accepted','declined') NOT NULL DEFAULT 'invited',
  attended   TINYINT(1) NULL
             COMMENT 'NULL: the meeting has not been held, or nobody noted it',
  PRIMARY KEY (meeting_id, member_id),
  KEY ix_chapter_meeting_attendances_member (member_id),
  CONSTRAINT fk_chapter_meeting_attendances_meeting FOREIGN KEY (meeting_id)
    REFERENCES chapter_meetings (id) ON DELETE CASCADE,
  CONSTRAINT fk_chapter_meeting_attendances_member FOREIGN KEY (member_id)
    REFERENCES members (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Who was invited to a meeting, and who came';

-- Members of today (UTC) with the membership that is in force.
CREATE SQL SECURITY INVOKER VIEW current_members AS
SELECT
  m.id            AS member_id,
  m.member_number AS member_number,
  m.given_name    AS given_name,
  m.family_name   AS family_name,
  m.chapter_id    AS chapter_id,
  t.code          AS membership_type_code,
  t.has_vote      AS has_vote,
  s.starts_on     AS starts_on,
  s.ends_on       AS ends_on,
  s.paid_on       AS paid_on
FROM members AS m
JOIN memberships AS s ON s.member_id = m.id
JOIN membership_types AS t ON t.id = s.membership_type_id
WHERE m.joined_on <= UTC_DATE()
  AND (m.left_on IS NULL OR m.left_on >= UTC_DATE())
  AND s.starts_on <= UTC_DATE()
  AND (s.ends_on IS NULL OR s.ends_on >= UTC_DATE());
