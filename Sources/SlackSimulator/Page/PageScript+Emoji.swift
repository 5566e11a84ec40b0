// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

extension PageScript {
    /// The emoji that apps use most, by Slack's names.
    static let emoji = #"""
        const table = `
        +1 👍 -1 👎 100 💯 alarm_clock ⏰ arrow_backward ◀️ arrow_down ⬇️ arrow_forward ▶️ arrow_left ⬅️ arrow_right ➡️
        arrow_up ⬆️ arrows_counterclockwise 🔄 ballot_box_with_check ☑️ bar_chart 📊 beers 🍻 bell 🔔 boom 💥 book 📖 bow 🙇
        bricks 🧱 broom 🧹 bug 🐛 bulb 💡 bust_in_silhouette 👤 busts_in_silhouette 👥 calendar 📆 chart_with_upwards_trend 📈
        clap 👏 clipboard 📋 clock3 🕒 coffee ☕ computer 💻 construction 🚧 credit_card 💳 crab 🦀 cry 😢 date 📅 door 🚪
        dart 🎯 desktop_computer 🖥️ earth_asia 🌏 email 📧 envelope ✉️ exclamation ❗ eyes 👀 facepalm 🤦 fire 🔥 gear ⚙️ gift 🎁
        ghost 👻 glitch_crab 🦀 globe_with_meridians 🌐 green_heart 💚 grey_question ❔ grin 😁 hammer_and_wrench 🛠️ handshake 🤝
        heart ❤️ heavy_check_mark ✔️ heavy_minus_sign ➖ heavy_plus_sign ➕ hourglass ⌛ hourglass_flowing_sand ⏳ house 🏠
        information_source ℹ️ inbox_tray 📥 joy 😂 key 🔑 large_blue_circle 🔵 large_green_circle 🟢 large_orange_circle 🟠
        large_yellow_circle 🟡 link 🔗 lock 🔒 mag 🔍 mailbox 📫 mega 📣 memo 📝 moneybag 💰 muscle 💪 mute 🔇 no_bell 🔕 no_entry ⛔
        no_entry_sign 🚫 octagonal_sign 🛑 ok 🆗 ok_hand 👌 open_hands 👐 package 📦 paperclip 📎 pause_button ⏸️ pencil 📝
        pencil2 ✏️ pizza 🍕 point_down 👇 point_right 👉 pray 🙏 pushpin 📌 question ❓ raised_hands 🙌 recycle ♻️ red_circle 🔴
        repeat 🔁 robot_face 🤖 rocket 🚀 rotating_light 🚨 satellite 🛰️ scream 😱 see_no_evil 🙈 seedling 🌱 shield 🛡️ skull 💀
        shrug 🤷 sleeping 😴 slightly_smiling_face 🙂 smile 😄 smiley 😃 snail 🐌 sob 😭 sos 🆘 sparkles ✨ speech_balloon 💬
        stopwatch ⏱️ sunglasses 😎 sunny ☀️ tada 🎉 thinking_face 🤔 thumbsdown 👎 thumbsup 👍 ticket 🎫 timer_clock ⏲️ tools 🛠️
        trophy 🏆 unlock 🔓 wastebasket 🗑️ warning ⚠️ wave 👋 white_check_mark ✅ white_circle ⚪ wink 😉 wrench 🔧 x ❌ zap ⚡
        1234 🔢 yellow_heart 💛 zzz 💤 blue_heart 💙 black_circle ⚫ checkered_flag 🏁 new 🆕 up 🆙 sync 🔃 card_index 📇 label 🏷️
        cyclone 🌀 hole 🕳️ ocean 🌊 large_purple_circle 🟣 raised_hand ✋ leftwards_arrow_with_hook ↩️ electric_plug 🔌
        double_vertical_bar ⏸️ hospital 🏥 small_red_triangle 🔺
        `.trim().split(/\s+/);

        export const emoji = {};
        for (let place = 0; place + 1 < table.length; place += 2) emoji[table[place]] = table[place + 1];
        export const withEmoji = (text) => text.replace(/:([a-z0-9_+-]+)(?:::skin-tone-\d)?:/g, (all, name) => emoji[name] ?? all);
        """#
}
