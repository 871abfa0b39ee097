-- A comparison of two schemas cannot know that a column was renamed.
ALTER TABLE people RENAME COLUMN full_name TO display_name;
