-- Two-sided matching in Postgres: who waits, who is free, and one transaction that joins them.
-- Contacts: state 0 waiting, 1 offered, 2 accepted. Counselors: state 0 free, 1 offered a contact, 2 talking.

CREATE TABLE contacts (
  id bigint PRIMARY KEY,
  queue int NOT NULL,
  place bigint NOT NULL,
  state int NOT NULL DEFAULT 0,
  counselor int,
  arrived_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  offered_at timestamptz,
  accepted_at timestamptz,
  accepts int NOT NULL DEFAULT 0
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX contacts_waiting ON contacts (place) INCLUDE (queue) WHERE state = 0;

CREATE TABLE counselors (
  id int PRIMARY KEY,
  skills int NOT NULL,
  state int NOT NULL DEFAULT 0,
  contact bigint,
  idle_since timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);

-- Joins up to pairs_max contacts and counselors: the most urgent waiting contact that a free counselor may take, and the counselor
-- idle longest of those. `collided`: a pair may be left because another transaction held a part of it.
CREATE FUNCTION match(pairs_max int, notifies bool, OUT pairs text, OUT collided bool) LANGUAGE plpgsql AS $$
DECLARE
  found_contact bigint;
  found_queue int;
  found_counselor int;
BEGIN
  pairs := '';
  collided := false;
  FOR i IN 1..pairs_max LOOP
    EXIT WHEN NOT EXISTS (SELECT FROM counselors WHERE state = 0);
    SELECT c.id, c.queue INTO found_contact, found_queue FROM contacts c
      WHERE c.state = 0 AND (SELECT true FROM counselors w WHERE w.state = 0 AND w.skills & (1 << c.queue) <> 0 LIMIT 1)
      ORDER BY c.place LIMIT 1 FOR UPDATE OF c SKIP LOCKED;
    EXIT WHEN NOT FOUND;
    SELECT id INTO found_counselor FROM counselors
      WHERE state = 0 AND skills & (1 << found_queue) <> 0
      ORDER BY idle_since LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
      collided := true;
      EXIT;
    END IF;
    UPDATE contacts SET state = 1, counselor = found_counselor, offered_at = clock_timestamp() WHERE id = found_contact;
    UPDATE counselors SET state = 1, contact = found_contact WHERE id = found_counselor;
    pairs := pairs || found_contact || ':' || found_counselor || ',';
  END LOOP;
  IF notifies AND pairs <> '' THEN
    PERFORM pg_notify('told', pairs);
  END IF;
END $$;

-- One pass of a matcher. A pass that joined nobody has nothing to make durable, only a lock to let go.
CREATE FUNCTION pass(pairs_max int, notifies bool, OUT pairs text, OUT collided bool) LANGUAGE plpgsql AS $$
BEGIN
  SELECT m.pairs, m.collided INTO pairs, collided FROM match(pairs_max, notifies) m;
  IF pairs = '' THEN
    SET LOCAL synchronous_commit = off;
  END IF;
END $$;

CREATE FUNCTION arrive(new_id bigint, new_queue int, new_place bigint, pairs_max int, notifies bool, OUT pairs text, OUT collided bool)
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO contacts (id, queue, place) VALUES (new_id, new_queue, new_place);
  SELECT m.pairs, m.collided INTO pairs, collided FROM match(pairs_max, notifies) m;
END $$;

-- The counselor's accept; with `frees` the contact is over with it (a talk of no length).
CREATE FUNCTION accept(of bigint, by_counselor int, frees bool, pairs_max int, notifies bool,
  OUT pairs text, OUT collided bool, OUT done bool) LANGUAGE plpgsql AS $$
BEGIN
  UPDATE contacts SET state = 2, accepted_at = clock_timestamp(), accepts = accepts + 1
    WHERE id = of AND counselor = by_counselor AND state = 1;
  done := FOUND;
  UPDATE counselors SET state = CASE WHEN frees THEN 0 ELSE 2 END, idle_since = clock_timestamp()
    WHERE id = by_counselor AND contact = of AND state = 1;
  done := done AND FOUND;
  SELECT m.pairs, m.collided INTO pairs, collided FROM match(CASE WHEN frees THEN pairs_max ELSE 0 END, notifies) m;
END $$;

CREATE FUNCTION free(by_counselor int, pairs_max int, notifies bool, OUT pairs text, OUT collided bool) LANGUAGE plpgsql AS $$
BEGIN
  UPDATE counselors SET state = 0, contact = NULL, idle_since = clock_timestamp() WHERE id = by_counselor AND state = 2;
  SELECT m.pairs, m.collided INTO pairs, collided FROM match(pairs_max, notifies) m;
END $$;
