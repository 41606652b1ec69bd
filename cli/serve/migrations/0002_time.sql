-- Finds the slot in which a time begins: slots have an order in which a history is read, and times grow with them.
CREATE INDEX event_time ON event (time, slot);
