//! Sentences for the user: the newest, and the log of them.

/// No more sentences than this are kept.
const LONGEST_LOG: usize = 500;

/// A sentence for the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    /// The sentence.
    pub(crate) text: String,
    /// True if something did not work.
    pub(crate) is_problem: bool,
}

/// What was said to the user.
#[derive(Debug, Clone, Default)]
pub(crate) struct Messages {
    /// The newest sentence.
    pub(crate) notice: Option<Notice>,
    /// All that are worth keeping, the newest last.
    pub(crate) log: Vec<Notice>,
}

impl Messages {
    /// Shows a sentence, and keeps it in the log.
    pub(super) fn say(&mut self, text: String, is_problem: bool) {
        let notice = Notice { text, is_problem };
        if self.log.last() != Some(&notice) {
            if self.log.len() == LONGEST_LOG {
                self.log.remove(0);
            }
            self.log.push(notice.clone());
        }
        self.notice = Some(notice);
    }

    /// Shows a sentence that is not worth keeping.
    pub(super) fn whisper(&mut self, text: String) {
        self.notice = Some(Notice {
            text,
            is_problem: false,
        });
    }
}
