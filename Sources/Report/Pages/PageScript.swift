/// The script of a page: it selects, scrolls and copies; nothing is drawn by it.
enum PageScript {
    /// All of it.
    static let text = """
        "use strict";(()=>{
        const all=(q,e=document)=>[...e.querySelectorAll(q)],root=document.documentElement,live=document.getElementById("live");
        const theme=document.getElementById("theme"),letters=document.getElementById("letters");theme.parentNode.hidden=false;
        theme.onclick=()=>{const dark=root.dataset.theme?root.dataset.theme==="dark":matchMedia("(prefers-color-scheme: dark)").matches;root.dataset.theme=dark?"light":"dark"};
        for(const b of all(".copy")){b.hidden=false;b.onclick=async()=>{const p=b.parentNode.querySelector("pre");
        try{await navigator.clipboard.writeText(p.textContent)}catch{const r=document.createRange();r.selectNodeContents(p);const s=getSelection();s.removeAllRanges();s.addRange(r);document.execCommand("copy")}
        b.textContent="copied";setTimeout(()=>{b.textContent="copy"},1500)}}
        let section=null,step=0;
        const frame=()=>section&&all(".frame",section).find(f=>f.offsetParent!==null);
        const steps=()=>frame()?all(".caps>li[data-s]",frame()).map(l=>+l.dataset.s):[];
        function select(to,number,focus){
        section=to;step=number;
        for(const e of all(".on"))e.classList.remove("on");
        if(!steps().includes(number)){const b=all(".lv",to).find(b=>all('.frame[data-l="'+b.value+'"] li[data-s="'+number+'"]',to).length);if(b)b.checked=true}
        for(const e of all('[data-s="'+number+'"]',to))e.classList.add("on");
        for(const e of all('.source tr',to))e.classList.toggle("on",all(".d",e).some(d=>d.textContent===String(number)));
        const row=frame()&&frame().querySelector('.caps>li[data-s="'+number+'"]');
        if(!row)return;
        if(focus){row.querySelector(".d").focus({preventScroll:true});row.scrollIntoView({block:"nearest"})}
        history.replaceState(null,"","#"+to.id+"-"+number);
        live.textContent="step "+number+": "+row.querySelector(".what").textContent}
        function go(hash){
        const name=decodeURIComponent(hash.slice(1));let to=document.getElementById(name);
        if(to&&to.matches("details"))to.open=true;
        if(to&&to.matches("section.fail")){section=to;step=0;return}
        const m=/^(.*)-(\\d+)$/.exec(name);to=m&&document.getElementById(m[1]);
        if(to&&to.matches("section.fail"))select(to,+m[2],true)}
        addEventListener("hashchange",()=>go(location.hash));
        document.addEventListener("click",e=>{const d=e.target.closest("a.d[href]"),to=d&&d.closest("section.fail");
        if(to&&!e.ctrlKey&&!e.metaKey){e.preventDefault();select(to,+d.textContent,true)}
        const svg=e.target.closest(".frame>svg"),row=svg&&all(".row",svg).find(r=>{const b=r.getBoundingClientRect();return e.clientY>=b.top&&e.clientY<b.bottom});
        if(row)select(svg.closest("section.fail"),+row.dataset.s,false)});
        const near=()=>all("section.fail").find(s=>s.getBoundingClientRect().bottom>innerHeight/3);
        addEventListener("keydown",e=>{
        if(e.ctrlKey||e.metaKey||e.altKey||e.target.closest("input:not([type=checkbox]),textarea,select,pre,.scroll,.source"))return;
        const by={ArrowDown:1,j:1,ArrowUp:-1,k:-1,Home:-1e9,End:1e9}[e.key];if(!by||e.key.length===1&&!letters.checked)return;
        const to=section||near();if(!to)return;
        section=to;const list=steps();if(!list.length)return;
        const at=list.indexOf(step),next=Math.max(0,Math.min(list.length-1,at<0&&by===-1?0:at+by));
        e.preventDefault();select(to,list[next],true)});
        if(location.hash)go(location.hash)})();
        """
}
