//! Sentences for the user: the newest, and the log of them.
//!
//! What says that something is kept is shown behind “saving…” until its file is on the disk.

use std::borrow::Cow;

use super::action::Record;

/// No more sentences than this are kept.
const LONGEST_LOG: usize = 500;

/// A sentence for the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    /// The sentence.
    pub(crate) text: String,
    /// True if something did not work.
    pub(crate) is_problem: bool,
    /// What has to be on the disk before the sentence holds.
    awaits: Option<Record>,
    /// The same, also once it is there.
    about: Option<Record>,
}

/// What was said to the user.
#[derive(Debug, Clone, Default)]
pub(crate) struct Messages {
    /// The newest sentence.
    pub(crate) notice: Option<Notice>,
    /// All that are worth keeping, the newest last.
    pub(crate) log: Vec<Notice>,
    /// How many changes of each record are not on the disk yet.
    unsaved: [usize; 3],
}

impl Messages {
    /// Shows a sentence, and keeps it in the log.
    pub(super) fn say(&mut self, text: String, is_problem: bool) {
        self.put(text, is_problem, None);
    }

    /// Says that something is kept, which holds once the record is on the disk.
    pub(super) fn promise(&mut self, text: String, record: Record) {
        self.put(text, false, Some(record));
    }

    /// Adds a sentence to the one that is shown, if that one is about the record: neither replaces the other.
    pub(super) fn add(&mut self, text: String, record: Record) {
        let is_about = |notice: &Notice| notice.about == Some(record);
        let before = self.notice.take().filter(is_about);
        self.put(text, false, None);
        if let (Some(before), Some(now)) = (before, &mut self.notice) {
            now.text = format!("{}; {}", before.text, now.text);
            (now.awaits, now.about) = (before.awaits, before.about);
        }
    }

    fn put(&mut self, text: String, is_problem: bool, awaits: Option<Record>) {
        let notice = Notice {
            text,
            is_problem,
            awaits,
            about: awaits,
        };
        match self.log.last_mut() {
            Some(last) if (&last.text, last.is_problem) == (&notice.text, is_problem) => {
                last.awaits = awaits;
            }
            _ => {
                if self.log.len() == LONGEST_LOG {
                    self.log.remove(0);
                }
                self.log.push(notice.clone());
            }
        }
        self.notice = Some(notice);
    }

    /// Shows a sentence that is not worth keeping.
    pub(super) fn whisper(&mut self, text: String) {
        self.notice = Some(Notice {
            text,
            is_problem: false,
            awaits: None,
            about: None,
        });
    }

    /// A sentence as it is shown.
    pub(crate) fn shown<'a>(&self, notice: &'a Notice) -> Cow<'a, str> {
        match notice.awaits {
            Some(record) if self.unsaved[record as usize] > 0 => {
                format!("saving… {}", notice.text).into()
            }
            _ => notice.text.as_str().into(),
        }
    }

    /// Whether the newest sentence waits for this record.
    pub(crate) fn promises(&self, record: Record) -> bool {
        let notice = self.notice.as_ref();
        notice.is_some_and(|notice| notice.awaits == Some(record))
    }

    /// A change of the record is on its way to the disk.
    pub(crate) fn begin_saving(&mut self, record: Record) {
        self.unsaved[record as usize] += 1;
    }

    /// So many changes of the record are on the disk or, if there is a problem, are not.
    pub(crate) fn written(&mut self, record: Record, changes: usize, failed: bool) {
        let unsaved = &mut self.unsaved[record as usize];
        *unsaved = unsaved.saturating_sub(changes);
        if failed {
            for notice in self.log.iter_mut().chain(&mut self.notice) {
                if notice.awaits == Some(record) {
                    notice.awaits = None;
                    notice.is_problem = true;
                    notice.text = format!("not saved: {}", notice.text);
                }
            }
        }
        self.settle();
    }

    /// Sentences whose record is on the disk hold from now on.
    pub(crate) fn settle(&mut self) {
        for notice in self.log.iter_mut().chain(&mut self.notice) {
            if notice
                .awaits
                .is_some_and(|record| self.unsaved[record as usize] == 0)
            {
                notice.awaits = None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(messages: &Messages) -> Cow<'_, str> {
        messages.shown(messages.notice.as_ref().unwrap())
    }

    #[test]
    fn a_promise_holds_once_its_own_record_is_on_the_disk() {
        let mut messages = Messages::default();
        messages.promise("noted".into(), Record::Journal);
        messages.begin_saving(Record::Journal);
        messages.begin_saving(Record::Journal);
        messages.begin_saving(Record::Decisions);
        messages.settle();
        assert_eq!(shown(&messages), "saving… noted");
        assert_eq!(messages.shown(&messages.log[0]), "saving… noted");
        messages.written(Record::Decisions, 1, false);
        messages.written(Record::Journal, 1, false);
        assert_eq!(shown(&messages), "saving… noted");
        messages.written(Record::Journal, 1, false);
        assert_eq!(shown(&messages), "noted");
        // What is said once it holds goes on holding.
        messages.begin_saving(Record::Journal);
        assert_eq!(shown(&messages), "noted");
    }

    #[test]
    fn what_is_added_stands_beside_what_is_on_the_disk() {
        let mut messages = Messages::default();
        messages.promise("relabel".into(), Record::Decisions);
        messages.begin_saving(Record::Decisions);
        messages.written(Record::Decisions, 1, false);
        messages.add("statistics".into(), Record::Decisions);
        assert_eq!(shown(&messages), "relabel; statistics");
        messages.say("other".into(), false);
        messages.add("statistics".into(), Record::Decisions);
        assert_eq!(shown(&messages), "statistics");
    }

    #[test]
    fn what_could_not_be_written_is_not_claimed_in_the_log() {
        let mut messages = Messages::default();
        messages.promise("kept".into(), Record::Names);
        messages.begin_saving(Record::Names);
        messages.say("another sentence".into(), false);
        messages.written(Record::Names, 1, true);
        assert_eq!(messages.log[0].text, "not saved: kept");
        assert!(messages.log[0].is_problem && !messages.log[1].is_problem);
    }
}
