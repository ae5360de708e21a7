//! Keys and clicks in panels.

use super::keys::{app, command};
use super::*;
use crate::run::Command;
use crate::tui::app::panels::tabs::Leads;
use crate::tui::app::panels::{Space, menu};
use crate::tui::terminal::input::{Mouse, MouseKind};

#[test]
fn tab_leads_into_the_panels_and_esc_back_to_the_map() {
    let mut app = app();
    let mut panels = Vec::new();
    for _ in 0..=PANELS.len() {
        press(&mut app, &[Key::Tab]);
        assert!(app.is_focused(app.panels.chosen));
        panels.push(app.panels.chosen);
    }
    // From the one chosen at the start around to it again.
    let first = Panel::Classes.index();
    let around = PANELS.iter().cycle().skip(first).copied();
    let expected: Vec<Panel> = around.take(PANELS.len() + 1).collect();
    assert_eq!(panels, expected);
    press(&mut app, &[Key::BackTab]);
    assert_eq!(app.panels.chosen, Panel::Reading);
    press(&mut app, &[Key::Esc]);
    assert!(app.panels.on_map);
    // The panel stays, and Tab leads back into it.
    press(&mut app, &[Key::Tab]);
    assert!(app.is_focused(Panel::Reading));
    // Where only one fits, the map is a tab.
    app.size = (40, 12);
    press(&mut app, &[Key::Esc]);
    assert!(screen(&app, 40, 12).contains(" Map│"));
    press(&mut app, &[Key::BackTab, Key::BackTab]);
    assert_eq!(app.panels.chosen, PANELS[PANELS.len() - 1]);
    enter(&mut app, Panel::Runs);
    assert!(screen(&app, 40, 12).contains("Runs · maps"));
}

#[test]
fn enter_in_the_runs_goes_to_a_perplexity() {
    let mut app = app();
    enter(&mut app, Panel::Runs);
    press(&mut app, &[Key::Down]);
    assert_eq!(
        press(&mut app, &[Key::Enter]),
        command(Command::ShowMap(10))
    );
    enter(&mut app, Panel::Log);
    let text = screen(&app, 80, 24);
    assert!(
        text.contains("› back to the map of perplexity 10"),
        "{text}"
    );
}

#[test]
fn a_click_chooses_tabs_panels_and_rows() {
    let mut app = app();
    let line = app.current_layout().unwrap().tabs.unwrap();
    let click = |app: &mut App, column, row| {
        let kind = MouseKind::Press;
        update(app, Message::Mouse(Mouse { kind, column, row }));
    };
    for entry in PANELS {
        // On its tab, or through what stands at the ends and the list of panels.
        let tabs = app.tabs(&app.current_layout().unwrap());
        let of = |wanted: fn(&Leads, Panel) -> bool| tabs.iter().find(|t| wanted(&t.leads, *entry));
        let own = of(|leads, panel| *leads == Leads::Panel(panel));
        let more = of(|leads, _| matches!(leads, Leads::More(_)));
        let tab = own.or(more).unwrap();
        click(&mut app, line.x + 1 + tab.start as u16, line.y);
        if own.is_none() {
            let (_, places) = menu::places(Rect::new(0, 0, app.size.0, app.size.1));
            let (_, place) = places.iter().find(|(panel, _)| panel == entry).unwrap();
            click(&mut app, place.x, place.y);
        }
        assert!(app.is_focused(*entry));
    }
    enter(&mut app, Panel::Runs);
    let area = app.current_layout().unwrap().panel(Panel::Runs).unwrap();
    click(&mut app, area.x + 5, area.y + 3 + 2);
    assert_eq!(app.state(Panel::Runs).row, 2);
    click(&mut app, 5, 5);
    assert!(app.panels.on_map);
    // In a terminal of one thing at a time, the map is a tab.
    app.size = (40, 12);
    enter(&mut app, Panel::Classes);
    click(&mut app, 2, 1);
    assert!(app.panels.on_map);
}

#[test]
fn tables_switch_space_and_k_and_scroll() {
    let mut app = app();
    type_in(&mut app, "t");
    assert_eq!(app.panels.space, Space::Map);
    assert!(screen(&app, 80, 24).contains("10 on the map"));
    assert_eq!(type_in(&mut app, ">"), command(Command::SetTableK(15)));
    assert_eq!(type_in(&mut app, "<"), command(Command::SetTableK(10)));
    type_in(&mut app, "<<<<");
    assert_eq!(app.run.table_k, 1);
    assert_eq!(type_in(&mut app, "<"), []);
    let mut app = fake::app_with_classes(40);
    app.size = (80, 24);
    type_in(&mut app, "DDD");
    assert!(screen(&app, 80, 24).contains("4–"));
    type_in(&mut app, "UUUUU");
    assert_eq!(app.state(Panel::Classes).first, 0);
    for _ in 0..PANELS.len() {
        press(&mut app, &[Key::Tab]);
        if app.is_focused(Panel::Neighbors) {
            break;
        }
    }
    type_in(&mut app, "LLH");
    assert_eq!(app.state(Panel::Neighbors).column, 1);
}

#[test]
fn keys_for_rows_say_that_the_map_has_the_focus() {
    let mut app = app();
    for key in [Key::Enter, Key::Home, Key::End] {
        press(&mut app, &[Key::Esc, key]);
        let notice = app.messages.notice.as_ref().unwrap();
        assert!(
            notice.text.contains("Tab goes to Classes"),
            "{}",
            notice.text
        );
    }
}
