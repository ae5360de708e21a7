//! What is done with the state: each file has the handlers of what one part is about.

mod behind;
mod clusters;
mod crosshair;
mod dialogs;
mod facets;
mod finding;
mod focus;
mod further;
mod gray;
mod journal;
mod look;
mod mouse;
mod multiples;
mod names;
mod panels;
mod resume;
mod run;
mod runs;
mod samples;
mod sets;
mod suspects;
mod turn;
mod window;
